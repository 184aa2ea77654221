@echo off
rem What infinity cloud, autonomous till (Divalto) needs of firewalls
rem Profile infinity-cloud, revision 2026-11-22, after
rem https://divalto.atlassian.net/wiki/spaces/PAI/pages/10550740990/Param+trage+environnement+Cloud,
rem as seen on 2026-11-21
rem Names are what the vendor stands by; the addresses behind them change. Everything else may stay
rem closed.
rem For the machine's own firewall, as administrator. Look at each command before you run it.

rem 1. required: out; from: Autonomous till; to: ws.example.com; TCP 443 (HTTPS; directly or through
rem the proxy)
rem Web service (Tickets, deliveries, invoices, customers and updates)
rem No command: this firewall takes addresses alone, and none are known; Windows lets connections
rem out unless that was changed.

rem 2. required: out; from: Autonomous till; to: ftp.example.com; TCP 21 (FTP; directly, not through
rem a proxy)
rem FTP server answers, FTP exchange of the dossier (Data files for the till)
rem No command: this firewall takes addresses alone, and none are known; Windows lets connections
rem out unless that was changed.

rem 3. required: out; from: Autonomous till; to: ftp.example.com; TCP 40000-40099 (FTP, data
rem connections (passive); directly, not through a proxy)
rem FTP exchange of the dossier, FTP server answers (Data files for the till)
rem No command: this firewall takes addresses alone, and none are known; Windows lets connections
rem out unless that was changed.

rem 4. required: out; from: Autonomous till; to: the DNS servers that it is set up with; TCP/UDP 53
rem (DNS)
rem Finding the addresses of ws.example.com, ftp.example.com
rem No command: this firewall takes addresses alone, and none are known; Windows lets connections
rem out unless that was changed.
