package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Where swanctl looks for certificates and keys, below SWANCTL_DIR (swanctl(8)).
var swanctlDirectories = strings.Fields("x509 x509ca x509ocsp x509aa x509ac x509crl pubkey private rsa ecdsa bliss pkcs8 pkcs12")

// ipsecDirectory holds the configuration and the keys for as long as charon takes to read them. It is in the container's
// own temporary directory, which is memory, and nobody else enters it.
type ipsecDirectory struct {
	path  string
	files string // the keys of the Secret
}

func newIpsecDirectory(files string) (*ipsecDirectory, error) {
	path, err := os.MkdirTemp("", "ipsec-")
	if err != nil {
		return nil, err
	}
	directory := &ipsecDirectory{path: path, files: files}
	for _, name := range swanctlDirectories {
		if err := os.Mkdir(filepath.Join(path, name), 0o700); err != nil {
			directory.remove()
			return nil, err
		}
	}
	return directory, nil
}

func (d *ipsecDirectory) remove() { _ = os.RemoveAll(d.path) }

func (d *ipsecDirectory) in(names ...string) string {
	return filepath.Join(append([]string{d.path}, names...)...)
}

func (d *ipsecDirectory) write(name, content string) error {
	return os.WriteFile(d.in(name), []byte(content), 0o600)
}

// secret is the content of a key of the Secret.
func (d *ipsecDirectory) secret(key string) ([]byte, error) {
	content, err := os.ReadFile(filepath.Join(d.files, key))
	if err != nil {
		return nil, fmt.Errorf("the Secret has no key %s, which the configuration names", key)
	}
	return content, nil
}

// copy puts a key of the Secret where swanctl finds it.
func (d *ipsecDirectory) copy(key, into string) error {
	content, err := d.secret(key)
	if err != nil {
		return err
	}
	return os.WriteFile(d.in(into, key), content, 0o600)
}

// fill writes swanctl.conf, and beside it what that names.
func (d *ipsecDirectory) fill(plan *ipsecPlan) error {
	text, err := plan.swanctl(d.secret)
	if err != nil {
		return err
	}
	if err := d.write("swanctl.conf", text); err != nil {
		return err
	}
	for _, connection := range plan.connections() {
		for _, part := range connection.sections {
			for name, into := range map[string]string{"certs": "x509", "cacerts": "x509ca"} {
				if named, found := part.setting(name); found {
					for _, key := range listed(named.value) {
						if err := d.copy(key, into); err != nil {
							return err
						}
					}
				}
			}
		}
	}
	for _, secret := range plan.secrets() {
		if named, found := secret.setting("file"); found && !sharedSecret.MatchString(secret.name) {
			if err := d.copy(named.value, keyDirectory(secret.name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// keyDirectory: a section private-1 is about a file in the directory private
func keyDirectory(name string) string {
	for _, kind := range []string{"private", "rsa", "ecdsa", "pkcs8"} {
		if strings.HasPrefix(name, kind) {
			return kind
		}
	}
	return "pkcs12"
}

// writeSecrets: a shared secret that is a key of the Secret stands there as a number, which strongSwan takes for its bytes.
func (p *ipsecPlan) writeSecrets(w *swanctlWriter, secretOf func(key string) ([]byte, error)) error {
	w.begin("secrets")
	for _, secret := range p.secrets() {
		file, found := secret.setting("file")
		w.begin(secret.name)
		for _, one := range secret.settings {
			if one.name != "file" || !sharedSecret.MatchString(secret.name) {
				w.set(one.name, one.value)
			}
		}
		if found && sharedSecret.MatchString(secret.name) {
			content, err := secretOf(file.value)
			if err != nil {
				return err
			}
			w.set("secret", "0x"+hex.EncodeToString(bytes.TrimSuffix(bytes.TrimSuffix(content, []byte("\n")), []byte("\r"))))
		}
		w.end()
	}
	w.end()
	return nil
}
