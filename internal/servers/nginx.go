package servers

import (
	"fmt"
	"net/netip"
	"strings"
)

// nginxWords are what nginx may be told.
const nginxWords = "[tls] [client-cert] [login[=PATH]] [to=[NAME]/PATH=ADDRESS:PORT]... [upgrade] [body=TEXT] [cert=VARIANT]"

// Nginx is the web server of that name. It serves the tree, or, with body, this
// page at /; below a path, perhaps of one host name, it passes requests on to
// another server, and with upgrade WebSockets, too, which it does not by itself.
// login wants the user by Basic below a path; client-cert wants a certificate
// that the authority has signed.
func Nginx(at netip.AddrPort, by Signer, words ...string) (*Daemon, error) {
	d := &Daemon{
		Program: "nginx", Args: []string{"-c", "{dir}/nginx.conf", "-e", "stderr", "-p", "{dir}"},
		User: shop, At: []netip.AddrPort{at}, Files: map[string]string{},
	}
	listen, secure, certificate, passOn := at.String(), "", "good", "proxy_http_version 1.1;"
	inner := map[string]string{} // what stands at a place: a location of a name
	names := map[string][]string{"": nil}
	put := func(place, what string) {
		name, path, _ := strings.Cut(place, "/")
		if _, ok := inner[place]; !ok {
			names[name] = append(names[name], "/"+path)
		}
		inner[name+"/"+path] += what + "\n"
	}
	err := d.words(words, func(key, value string) (known bool, err error) {
		switch key {
		case "tls", "client-cert":
			listen = at.String() + " ssl"
			secure += "ssl_certificate {dir}/server.pem; ssl_certificate_key {dir}/server.pem;\n"
			if key == "client-cert" {
				secure += "ssl_client_certificate {dir}/ca.pem; ssl_verify_depth 3; ssl_verify_client on;\n"
			}
		case "login":
			var hash string
			hash, err = d.User.hash()
			d.Files["users"] = d.User.Name + ":" + hash + "\n"
			if value == "" {
				value = "/"
			}
			put(value, `auth_basic shop; auth_basic_user_file {dir}/users;`)
		case "to":
			place, to, _ := strings.Cut(value, "=")
			if _, err = netip.ParseAddrPort(to); err != nil {
				return true, err
			}
			put(place, "proxy_pass http://"+to+";")
		case "upgrade":
			passOn += " proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;"
		case "cert":
			certificate = value
		case "body":
			d.Tree = append(d.Tree, File{Path: "index.html", Text: value})
		default:
			return false, nil
		}
		return true, err
	})
	if err != nil {
		return nil, err
	}
	if d.Files["server.pem"], d.Files["ca.pem"], err = by.pem(certificate); err != nil {
		return nil, err
	}
	var b strings.Builder
	b.WriteString("daemon off; master_process off; pid {dir}/pid; events {}\nhttp {\naccess_log off; root " + tree + "; autoindex on;\n")
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		fmt.Fprintf(&b, "%s_temp_path {dir}/temp_%[1]s;\n", kind)
	}
	b.WriteString(passOn + "\n")
	for name, paths := range names {
		of := ""
		if name == "" {
			of = " default_server"
		}
		fmt.Fprintf(&b, "server {\nlisten %s%s; server_name %q;\n%s", listen, of, name, secure)
		for _, p := range paths {
			fmt.Fprintf(&b, "location %s {\n%s}\n", p, inner[name+p])
		}
		b.WriteString("}\n")
	}
	b.WriteString("}\n")
	d.Files["nginx.conf"] = b.String()
	return d, nil
}
