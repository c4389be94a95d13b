#!/bin/sh
# First process of the lab: its end is the end of everything in the lab. Also the reaper of what is left behind.
# Arguments: NODE KEEPER FOLDER
"$1" "$2" "$3" < /dev/null &
wait $!
