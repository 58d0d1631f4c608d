package io.urvpn.unit.notify.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.notify.metrics.ApiRequestCounter;
import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ApiRequestCounterTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET    | /apis/urvpn.io/v1alpha1/vpnattachments?limit=500                   | list   | vpnattachments",
                "GET    | /apis/urvpn.io/v1alpha1/vpnattachments?resourceVersion=1&watch=true | watch  | vpnattachments",
                "GET    | /apis/urvpn.io/v1alpha1/vpninstances/office                        | get    | vpninstances",
                "PATCH  | /apis/urvpn.io/v1alpha1/vpnattachments/vpnatt-1/status?force=true  | patch  | vpnattachments/status",
                "POST   | /api/v1/namespaces/ur-vpn-system/events                            | create | events",
                "DELETE | /apis/apps/v1/namespaces/ur-vpn-system/daemonsets/vpn-office       | delete | daemonsets",
                "DELETE | /api/v1/namespaces/ur-vpn-system/pods                              | deletecollection | pods",
                "PUT    | /apis/coordination.k8s.io/v1/namespaces/n/leases/ur-vpn-operator   | update | leases",
                "GET    | /api/v1/namespaces/ur-vpn-system                                   | get    | namespaces",
                "GET    | /api/v1/namespaces                                                 | list   | namespaces",
                "GET    | /api/v1/nodes/n1/proxy/secret-of-somebody                          | list   | other",
                "GET    | /version                                                           | list   | other",
                "PROPFIND | /made/up                                                         | other  | other",
            })
    void namesVerbAndResourceAndNoObject(String method, String uri, String verb, String resource) {
        assertThat(ApiRequestCounter.verb(method, URI.create(uri))).isEqualTo(verb);
        assertThat(ApiRequestCounter.resource(URI.create(uri))).isEqualTo(resource);
    }
}
