# What was seen to be held up of shop, 22 November 2026 07:57 UTC
# Profile shop
# For the machine's own firewall, as administrator. Look at each command before you run it.

# 1. required: out; from: 192.168.1.10; to: 198.51.100.10; TCP 9100
# printing
# No command: it is held up further on, not by the machine's own firewall.
