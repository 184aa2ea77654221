# What ERP connector (Netstock) needs of firewalls
# Profile netstock, revision 2026-11-22, after
# https://intercom.help/netstock/en/articles/6043038-erp-connector, as seen on 2026-11-21
# Names are what the vendor stands by; the addresses behind them change. Everything else may stay
# closed.
# For the machine's own firewall, as administrator. Look at each command before you run it.

# 1. required: out; from: ERP server with the connector; to: comms.example.com; TCP 80, 443 (SSH,
# HTTPS; directly or through the proxy)
# Comms server on port 80, Comms server on port 443, File transfer server answers (SFTP), Web
# service of the Comms server (Data transfer with Netstock, Notices to the Comms server)
# No command: this firewall takes addresses alone, and none are known; Windows lets connections out
# unless that was changed.

# 2. required: out; from: ERP server with the connector; to: the DNS servers that it is set up with;
# TCP/UDP 53 (DNS)
# Finding the addresses of comms.example.com
# No command: this firewall takes addresses alone, and none are known; Windows lets connections out
# unless that was changed.
