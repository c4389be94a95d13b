/** What the look script prints on a Synology, written after its documentation: none was at hand. */
export const SYNOLOGY_LOOK = `look_groups users administrators
look_address 127.0.0.1
look_address 192.168.1.20
look_user root:0
look_user admin:1026
look_sshd readable
look_sshd AllowTcpForwarding no
look_sshd Match User anonymous
look_sshd AllowTcpForwarding yes
look_path 0 there drwxr-xr-x 1026 100 rwx link /var/services/homes/admin/
look_disk 0 /dev/mapper/cachedev_0 11239759872 6032109 5202650763 54% /volume1
look_path 1 absent drwxrwxrwx+ 0 0 rwx - /volume1/docker
look_disk 1 /dev/mapper/cachedev_0 11239759872 6032109 5202650763 54% /volume1
look_path 2 hidden drwx------ 0 0 - - /volume1/gone
look_disk 2 /dev/mapper/cachedev_0 11239759872 6032109 5202650763 54% /volume1
look_account admin 1026 100 /var/services/homes/admin
look_path @admin/home there drwxrwxrwx 1026 100 rwx - /var/services/homes/admin
look_path @admin/folder absent drwxrwxrwx 1026 100 rwx - /var/services/homes/admin
look_path @admin/file absent drwxrwxrwx 1026 100 rwx - /var/services/homes/admin
look_disk engine /dev/mapper/cachedev_0 11239759872 6032109 5202650763 54% /volume1
look_running gate
look_running node-nas
look_image absent
`;

/** The same on a Mac. */
export const MACOS_LOOK = `look_groups staff everyone admin
look_address 127.0.0.1
look_address 192.168.1.10
look_user me:501
look_pmset System-wide power settings:
look_pmset Currently in use:
look_pmset  standby              0
look_pmset sleep                1 (sleep prevented by sharingd)
look_pmset autorestart          0
look_filevault FileVault is Off.
look_autologin me
look_sshd readable
look_sshd Match Group guests
look_sshd AllowTcpForwarding no
look_path 0 there drwxr-x---+ 501 20 rwx - /Users/me/
look_disk 0 map auto_home 482797652 204104768 254014556 45% /System/Volumes/Data/home
`;
