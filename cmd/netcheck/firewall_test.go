package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"netcheck/profiles"
	"netcheck/report/firewall"
)

// sheets are the built-in profiles with values of a shop, and the machine for
// which there are commands.
var sheets = []struct {
	id, role string
	sets     []string
}{
	{"infinity-cloud", "till", []string{"ws_url=https://ws.example.com/service", "ftp_host=ftp.example.com", "ftp_login=yes", "dossiers=shop1:1:/edi1,shop2:2:/edi2", "ftp_passive_ports=40000-40099"}},
	{"local-server", "store-server", []string{"store_server_host=192.0.2.10", "devices=till1:192.0.2.21,screen1:192.0.2.31", "direct_orders=yes", "proxy_url=http://proxy.example.com:3128"}},
	{"netstock", "erp-server", []string{"comms_host=comms.example.com", "connector_files=no", "ws_url=https://comms.example.com/"}},
	{"passcom", "mx-server", []string{"dominio=rossi01", "peer_dominio=bianchi02", "counterpart=live", "mx_port=9000", "own_public_port=9123", "mx_host=192.0.2.10"}},
	{"pos-firewall", "pos-client", []string{"method=direct", "public_host=till.example.com", "public_host_is=name", "ip_kind=static", "public_port=8080", "pos_host=192.0.2.50", "vendor_source_ips=198.51.100.7,203.0.113.0/28", "allow_list_active=yes"}},
}

// TestFirewallSheets holds every built-in profile's sheet against golden files, in
// each format, and as it is before anything of the shop is known.
func TestFirewallSheets(t *testing.T) {
	var ids []string
	for _, sheet := range sheets {
		ids = append(ids, sheet.id)
		t.Run(sheet.id, func(t *testing.T) {
			dir := t.TempDir()
			written := func(name string, args ...string) {
				t.Helper()
				file := filepath.Join(dir, name)
				sheetTo(t, append([]string{sheet.id, "--output", file}, args...)...)
				got, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				golden(t, filepath.Join("testdata", "firewall", name), got)
			}
			var sets []string
			for _, s := range sheet.sets {
				sets = append(sets, "--set", s)
			}
			for _, f := range firewall.Formats() {
				args := sets
				if f.One {
					args = append(slices.Clip(sets), "--role", sheet.role)
				}
				written(sheet.id+f.Ext[0], args...)
			}
			written(sheet.id + ".open.txt")
		})
	}
	if d := cmp.Diff(profiles.Builtin(), ids); d != "" {
		t.Error(d)
	}
}

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v: go test ./cmd/netcheck -run Firewall -update writes it", err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s: -want +got\n%s", file, d)
	}
}

// sheetTo runs the command in English.
func sheetTo(t *testing.T, args ...string) {
	t.Helper()
	var out, errs bytes.Buffer
	if status := run(append([]string{"firewall", "--lang", "en", "--no-input"}, args...), strings.NewReader(""), &out, &errs); status != exitOK {
		t.Fatalf("status %d: %s", status, errs.String())
	}
}

// TestFirewallSheetIsInTheReadersLanguage finds words of ours that are still
// English.
func TestFirewallSheetIsInTheReadersLanguage(t *testing.T) {
	for _, lang := range []string{"it", "fr", "de"} {
		for _, sheet := range sheets {
			file := filepath.Join(t.TempDir(), "x.txt")
			sheetTo(t, "--lang", lang, sheet.id, "--output", file)
			got, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, word := range []string{"direction ", "whoever", "required", "needs of firewalls", "Not known yet", "from  "} {
				if bytes.Contains(got, []byte(word)) {
					t.Errorf("%s in %s says %q", sheet.id, lang, word)
				}
			}
		}
	}
}

// TestNftablesTakesTheSheets lets nftables itself read the rules, in a network
// namespace of its own: nothing of this machine is touched.
func TestNftablesTakesTheSheets(t *testing.T) {
	nft, err := exec.LookPath("nft")
	if err == nil {
		err = exec.CommandContext(t.Context(), "unshare", "-rn", "true").Run()
	}
	if err != nil {
		if os.Getenv("NETCHECK_LAB") == "require" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	files, err := filepath.Glob("testdata/firewall/*.nft")
	if err != nil || len(files) != len(sheets) {
		t.Fatalf("%d files, %v", len(files), err)
	}
	hostile := filepath.Join(t.TempDir(), "hostile.nft")
	sheetTo(t, "testdata/firewall/hostile.yaml", "--output", hostile)
	for _, f := range append(files, hostile) {
		if out, err := exec.CommandContext(t.Context(), "unshare", "-rn", nft, "-c", "-f", f).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", f, err, out)
		}
	}
}

// TestShellsTakeNothingFromAProfile holds every line of the commands of a hostile
// profile against the few forms that they may have.
func TestShellsTakeNothingFromAProfile(t *testing.T) {
	for ext, forms := range map[string][]string{
		".cmd": {"@echo off", "rem ", "netsh advfirewall firewall add rule name="},
		".ps1": {"# ", "New-NetFirewallRule -DisplayName 'netcheck "},
		".pf":  {"#", "table <netcheck_", "pass quick proto "},
		".nft": {"#", "table inet filter {", "set netcheck_hostile_", "chain netcheck_hostile {", "type ipv", "flags interval", "auto-merge", "elements = { ", "}", "ip saddr @netcheck_hostile_", "ip6 saddr @netcheck_hostile_"},
	} {
		file := filepath.Join(t.TempDir(), "x"+ext)
		sheetTo(t, "testdata/firewall/hostile.yaml", "--output", file)
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range got {
			if b != '\n' && b != '\r' && b != '\t' && (b < ' ' || b > '~') {
				t.Errorf("%s has the byte %#x", ext, b)
			}
		}
		for line := range strings.SplitSeq(string(got), "\n") {
			line = strings.TrimSpace(line)
			if line == "" || line == "rem" {
				continue
			}
			if !slices.ContainsFunc(forms, func(f string) bool { return strings.HasPrefix(line, f) }) {
				t.Errorf("%s has the line %q", ext, line)
			}
			if strings.ContainsAny(line, "`$%!^&|\\") || ext == ".cmd" && strings.ContainsAny(line, "<>") {
				t.Errorf("%s has a sign that a shell heeds: %q", ext, line)
			}
			if n := strings.Count(line, `"`); ext == ".cmd" && n != 0 && n != 2 {
				t.Errorf("%s has quotes that do not close: %q", ext, line)
			}
		}
		if ext != ".pf" && !bytes.Contains(got, []byte("netcheck")) {
			t.Errorf("%s is empty", ext)
		}
	}
}
