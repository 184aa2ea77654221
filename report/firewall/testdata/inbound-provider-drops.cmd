@echo off
rem What was seen to be held up of shop, 22 November 2026 07:57 UTC
rem Profile shop
rem For the machine's own firewall, as administrator. Look at each command before you run it.

rem 1. required: in, from the internet; from: the internet; to: the shop's public address; TCP 8080
rem call-back
rem Forward to 192.168.1.10, TCP 8080.
rem No addresses of callers are known: ask the vendor for them before you open it to everybody.
rem No command: it would be open to the whole internet, since no addresses of callers are known.
