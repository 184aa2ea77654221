# What infinity cloud, autonomous till (Divalto) needs of firewalls
# Profile infinity-cloud, revision 2026-11-22, after
# https://divalto.atlassian.net/wiki/spaces/PAI/pages/10550740990/Param+trage+environnement+Cloud,
# as seen on 2026-11-21
# Names are what the vendor stands by; the addresses behind them change. Everything else may stay
# closed.
# For the machine's own firewall, as administrator. Look at each command before you run it.

# 1. required: out; from: Autonomous till; to: ws.example.com; TCP 443 (HTTPS; directly or through
# the proxy)
# Web service (Tickets, deliveries, invoices, customers and updates)
# No command: this firewall takes addresses alone, and none are known; Windows lets connections out
# unless that was changed.

# 2. required: out; from: Autonomous till; to: ftp.example.com; TCP 21 (FTP; directly, not through a
# proxy)
# FTP server answers, FTP exchange of the dossier (Data files for the till)
# No command: this firewall takes addresses alone, and none are known; Windows lets connections out
# unless that was changed.

# 3. required: out; from: Autonomous till; to: ftp.example.com; TCP 40000-40099 (FTP, data
# connections (passive); directly, not through a proxy)
# FTP exchange of the dossier, FTP server answers (Data files for the till)
# No command: this firewall takes addresses alone, and none are known; Windows lets connections out
# unless that was changed.

# 4. required: out; from: Autonomous till; to: the DNS servers that it is set up with; TCP/UDP 53
# (DNS)
# Finding the addresses of ws.example.com, ftp.example.com
# No command: this firewall takes addresses alone, and none are known; Windows lets connections out
# unless that was changed.
