package main

import (
	"fmt"
	"regexp"
	"strings"
)

// What charon loads: no plugin that changes the node (updown, resolve, bypass-lan, connmark, forecast, farp), none that
// takes commands from elsewhere (stroke), none that answers instead of the peer (dhcp, unity).
const charonPlugins = "random nonce openssl pem pkcs1 pkcs7 pkcs8 pkcs12 x509 pubkey revocation constraints hmac kdf drbg xcbc" +
	" gmp gcm aes sha1 sha2 md5 rc2 %s socket-default vici eap-identity eap-mschapv2 eap-md5 eap-tls xauth-generic"

// strongswanConf is charon's own configuration (strongswan.conf(5)). Levels of its log are below those that show keys. A
// peer that does not answer is given up 9 s after the first try, and called again at once.
func strongswanConf(plan *ipsecPlan, link, socket string) string {
	kernel := "kernel-libipsec kernel-netlink"
	if plan.kernel {
		kernel = "kernel-netlink"
	}
	return fmt.Sprintf(`
charon-systemd {
  load_modular = no
  load = %s
  port = 0
  port_nat_t = 0
  install_routes = no
  install_virtual_ip = no
  routing_table = 0
  ignore_routing_tables = %d
  interfaces_ignore = %s
  retransmit_tries = 4
  retransmit_timeout = 1.0
  retransmit_base = 1.3
  retry_initiate_interval = 5
  keep_alive = 10
  plugins {
    vici {
      socket = "unix://%s"
    }
    kernel-netlink {
      roam_events = no
      policy_update = yes
    }
    kernel-libipsec {
      allow_peer_ts = yes
    }
  }
  filelog {
    stderr {
      default = 1
      enc = 0
      net = 0
      lib = 0
    }
  }
  journal {
    default = -1
  }
}
swanctl {
  load = random openssl pem pkcs1 pkcs7 pkcs8 pkcs12 x509 pubkey hmac kdf gmp aes sha1 sha2 md5 rc2
}
`, fmt.Sprintf(charonPlugins, kernel), plan.table, link, socket)
}

// Lines by which charon tells why a tunnel is not up.
var charonFailure = regexp.MustCompile(`^(received [A-Z_]+ (notify|error)|giving up after|no .* found|unable to |tried [0-9]+ shared keys?` +
	`|authentication of .* failed|constraint |EAP method .* failed|certificate (was revoked|has expired|not valid)` +
	`|subject certificate invalid|peer didn't accept)`)

// charonLine: what a line of charon's log is about. Asking whether the peer lives comes every few seconds.
func charonLine(line string) (shown bool, failure string) {
	_, text, _ := strings.Cut(line, "] ")
	if strings.HasPrefix(text, "sending DPD request") || strings.HasPrefix(text, "sending keep alive") {
		return false, ""
	}
	if charonFailure.MatchString(text) {
		return true, text
	}
	return true, ""
}
