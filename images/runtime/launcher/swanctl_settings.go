package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// kind is a kind of section: which settings and sections may stand in it. What is not named is refused, as by the
// operator (io.urvpn.tunnel.SwanctlSettings), which looks at the values too.
type kind struct {
	settings []string
	sections []sectionName
}

// sectionName: the name of a section, or the beginning of it, and its kind
type sectionName struct {
	name *regexp.Regexp
	kind *kind
}

var (
	childKind = kind{settings: strings.Fields(`esp_proposals local_ts remote_ts mode rekey_time life_time rand_time rekey_bytes
		life_bytes rand_bytes rekey_packets life_packets rand_packets sha256_96 copy_df copy_ecn copy_dscp tfc_padding
		replay_window start_action close_action dpd_action`)}
	localKind      = kind{settings: strings.Fields("round auth id eap_id aaa_id xauth_id certs")}
	remoteKind     = kind{settings: strings.Fields("round auth id ca_id cert_policy revocation certs cacerts")}
	connectionKind = kind{
		settings: strings.Fields(`version remote_addrs local_addrs remote_port vips proposals aggressive pull encap mobike
			send_certreq dscp fragmentation childless send_cert unique keyingtries dpd_delay dpd_timeout reauth_time
			rekey_time over_time rand_time`),
		sections: []sectionName{
			{regexp.MustCompile(`^local[A-Za-z0-9_-]*$`), &localKind},
			{regexp.MustCompile(`^remote[A-Za-z0-9_-]*$`), &remoteKind},
			{regexp.MustCompile(`^children$`), &kind{sections: []sectionName{{anyName, &childKind}}}},
		},
	}
	secretKinds = []sectionName{
		{sharedSecret, &kind{settings: []string{"secret", "file"}}},
		{regexp.MustCompile(`^(private|rsa|ecdsa|pkcs8|pkcs12)[A-Za-z0-9_-]*$`), &kind{settings: []string{"secret", "file"}}},
	}
	fileKind = kind{sections: []sectionName{
		{regexp.MustCompile(`^connections$`), &kind{sections: []sectionName{{anyName, &connectionKind}}}},
		{regexp.MustCompile(`^secrets$`), &kind{sections: secretKinds}},
	}}
	anyName      = regexp.MustCompile(`.`)
	sharedSecret = regexp.MustCompile(`^(ike|eap|xauth)[A-Za-z0-9_-]*$`)
	identityName = regexp.MustCompile(`^id[A-Za-z0-9_-]{0,40}$`)
	// Names of the Secret's keys, as Kubernetes has them.
	secretKey = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]{0,252}$`)
)

// check refuses what may not stand there.
func (k *kind) check(s *section) error {
	for _, one := range s.settings {
		identity := sharedSecret.MatchString(s.name) && identityName.MatchString(one.name)
		if !identity && !slices.Contains(k.settings, one.name) {
			return refusal{one.line, "has a setting that may not stand there"}
		}
		if err := checkValue(one); err != nil {
			return err
		}
	}
	for _, child := range s.sections {
		at := slices.IndexFunc(k.sections, func(known sectionName) bool { return known.name.MatchString(child.name) })
		if at < 0 {
			return refusal{child.line, "begins a section that may not stand there"}
		}
		if err := k.sections[at].kind.check(child); err != nil {
			return err
		}
	}
	return nil
}

func checkValue(one setting) error {
	switch one.name {
	case "mode":
		if one.value != "tunnel" {
			return refusal{one.line, "has a mode that is not tunnel"}
		}
	case "file":
		if !secretKey.MatchString(one.value) {
			return refusal{one.line, "has a file that is no key of the Secret"}
		}
	case "certs", "cacerts":
		for _, name := range listed(one.value) {
			if !secretKey.MatchString(name) {
				return refusal{one.line, fmt.Sprintf("has %s that are no keys of the Secret", one.name)}
			}
		}
	}
	return nil
}

// listed: what stands between commas
func listed(value string) []string {
	var all []string
	for _, one := range strings.Split(value, ",") {
		all = append(all, strings.TrimSpace(one))
	}
	return all
}
