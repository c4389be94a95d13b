/** What the facts script prints on hosts of three kinds. Synology and macOS are written after their documentation: none was at hand. */
const INFO = {
  ServerVersion: '24.0.2',
  Driver: 'btrfs',
  CgroupVersion: '1',
  CgroupDriver: 'cgroupfs',
  LoggingDriver: 'db',
  MemoryLimit: true,
  SwapLimit: true,
  CpuCfsQuota: false,
  CPUSet: true,
  PidsLimit: false,
  OSType: 'linux',
  Architecture: 'x86_64',
  KernelVersion: '4.4.302+',
  OperatingSystem: 'Synology NAS',
  NCPU: 8,
  MemTotal: 16_767_082_496,
  DockerRootDir: '/volume1/@docker',
  SecurityOptions: ['name=apparmor'],
  Warnings: ['WARNING: No kernel memory TCP limit support'],
  RegistryConfig: { Mirrors: [] },
};

export const SYNOLOGY = `time 1795322197.N
system Linux
machine x86_64
kernel 4.4.302+
hostname nas
uid 1026
gid 100
user admin
home /var/services/homes/admin
ssh 192.168.1.10 51834 192.168.1.20 22
meminfo MemTotal:       16374104 kB
meminfo MemAvailable:   12000000 kB
dsm majorversion="7"
dsm minorversion="2"
dsm productversion="7.2.2"
dsm buildnumber="72806"
dsm smallfixnumber="3"
sshd AllowTcpForwarding no
sshd Match User anonymous
sshd AllowTcpForwarding yes
route Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT
route eth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
route eth0\t0001A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
tcp 00000000:1388
tcp 00000000000000000000000000000000:1389
tcp 0100007F:18EB
disk /dev/mapper/cachedev_0 11239759872 6032109 5202650763 54% /volume1
tool unshare /usr/bin/unshare
docker_path /usr/local/bin/docker
docker_sudo /usr/bin/sudo
docker_plain_said permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock
docker_way sudo
docker_version ${JSON.stringify({ Client: { Version: '24.0.2' }, Server: { Version: '24.0.2', ApiVersion: '1.43', MinAPIVersion: '1.12', Os: 'linux' } })}
docker_info ${JSON.stringify(INFO)}
docker_compose 2.20.1-6047-g6817716
docker_network ["bridge","bridge",[{"Subnet":"172.17.0.0/16","Gateway":"172.17.0.1"}]]
docker_network ["host","host",null]
`;

export const DEBIAN = `time 1795322197.123456789
system Linux
machine aarch64
kernel 6.1.0-18-arm64
hostname box
uid 1000
gid 1000
user me
home /home/me
ssh fe80::1%eth0 4000 fe80::2%eth0 2222
meminfo MemTotal:        8000000 kB
sshd Subsystem\tsftp\t/usr/lib/openssh/sftp-server
disk /dev/sda1 100000000 50000000 45000000 53% /
tool perl /usr/bin/perl
docker_path /usr/bin/docker
docker_sudo /usr/bin/sudo
docker_plain_said permission denied while trying to connect to the Docker daemon socket
docker_sudo_said sudo: a password is required
`;

export const MACOS = `time 1795322197.N
system Darwin
machine arm64
kernel 24.5.0
hostname mini.local
uid 501
gid 20
user me
home /Users/me
memsize 17179869184
macos 15.5 24F74
bsdroute Routing tables
bsdroute Internet:
bsdroute Destination        Gateway            Flags               Netif Expire
bsdroute default            192.168.1.1        UGScg                 en0
bsdroute 127                127.0.0.1          UCS                   lo0
bsdroute 169.254            link#14            UCS                   en0      !
bsdroute 192.168.1          link#14            UCS                   en0      !
bsdroute 192.168.1.10/32    link#14            UCS                   en0      !
bsdroute 192.168.97.0/24    link#22            UC              bridge100      !
bsdtcp tcp4       0      0  127.0.0.1.18789        *.*                    LISTEN
bsdtcp tcp46      0      0  *.5000                 *.*                    LISTEN
bsdtcp tcp6       0      0  ::1.631                *.*                    LISTEN
disk /dev/disk3s5  482797652 204104768 254014556    45% 1234 4294967295    0%   /System/Volumes/Data
tool perl /usr/bin/perl
docker_path /usr/local/bin/docker
docker_way plain
docker_version ${JSON.stringify({ Server: { Version: '28.2.2', ApiVersion: '1.50', MinAPIVersion: '1.24' } })}
docker_info ${JSON.stringify({ ...INFO, ServerVersion: '28.2.2', CpuCfsQuota: true, PidsLimit: true, CgroupVersion: '2', OperatingSystem: 'OrbStack', KernelVersion: '6.10.14-orbstack', LoggingDriver: 'json-file', Architecture: 'aarch64', Warnings: null })}
docker_standalone /usr/local/bin/docker-compose 2.36.2
`;
