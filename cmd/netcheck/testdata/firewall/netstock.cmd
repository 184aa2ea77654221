@echo off
rem What ERP connector (Netstock) needs of firewalls
rem Profile netstock, revision 2026-11-22, after
rem https://intercom.help/netstock/en/articles/6043038-erp-connector, as seen on 2026-11-21
rem Names are what the vendor stands by; the addresses behind them change. Everything else may stay
rem closed.
rem For the machine's own firewall, as administrator. Look at each command before you run it.

rem 1. required: out; from: ERP server with the connector; to: comms.example.com; TCP 80, 443 (SSH,
rem HTTPS; directly or through the proxy)
rem Comms server on port 80, Comms server on port 443, File transfer server answers (SFTP), Web
rem service of the Comms server (Data transfer with Netstock, Notices to the Comms server)
rem No command: this firewall takes addresses alone, and none are known; Windows lets connections
rem out unless that was changed.

rem 2. required: out; from: ERP server with the connector; to: the DNS servers that it is set up
rem with; TCP/UDP 53 (DNS)
rem Finding the addresses of comms.example.com
rem No command: this firewall takes addresses alone, and none are known; Windows lets connections
rem out unless that was changed.
