// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// patterns has all patterns in the CRDs, each with a field, and with values that the pattern accepts and refuses.
var patterns = []struct {
	doc, path      string
	accept, refuse []string
}{
	{"journeymap", "spec.progression.window", // durations
		[]string{"1s", "30m", "14d", "99999d", "9999w"}, []string{"0d", "14", "d", "1.5h", "-1d", "1h30m", "14 d", "00014d", "10000w", "1y"}},
	{"journeymap", "spec.stages.0.maxDropOff", // ratios
		[]string{"0", "1", "0.6", "0.123456", "1.0", "0.0"}, []string{"1.1", ".5", "0.", "-0.1", "60%", "0,6", "1.000001"}},
	{"metricreport", "spec.kpis.0.target.atLeast", // decimals
		[]string{"40", "-12.5", "0.25", "999999999999.999999"}, []string{"1e3", "+1", ".5", "1.", "1,5", "1234567890123", "NaN"}},
	{"journeymap", "spec.freshness.reviewedAt", // days
		[]string{"2026-11-01", "2024-02-29"}, []string{"2026-13-01", "2026-00-10", "2026-11-32", "01.11.2026", "26-11-01", "2026/11/01"}},
	{"touchpointsource-segment", "spec.channel",
		[]string{"web", "in-store", "tv2", strings.Repeat("c", 32)}, []string{"Web", "2tv", "-web", "in_store", "in store"}},
	{"journeymap", "spec.storeRef.name", // names of objects
		[]string{"a", "default", "eu-1", strings.Repeat("a", 40)}, []string{"1a", "a.b", "A", "a-", "-a", "a_b"}},
	{"journeymap", "spec.stages.0.name", // names of list items
		[]string{"a", "1st", "site-visit"}, []string{"a.b", "A", "a-", "-a", "a/b"}},
	{"touchpointsource-bearer", webhook + ".secretRef.name",
		[]string{"a", "shop.example", "1-a"}, []string{"a/b", "A", ".a", "a.", "-a", "../a"}},
	{"touchpointsource-bearer", webhook + ".secretRef.key",
		[]string{"journeyman-secret", "journeyman-a.b_C-1"}, []string{"password-of-db", "tls.key.of.another", "journeyman-a/b", "a-journeyman-key"}},
	{"touchpointsource-segment", "spec.tls.secretRef.name",
		[]string{"journeyman-tls", "journeyman-web.example"}, []string{"shop-tls", "journeyman-A", "journeyman-tls-", "journeyman-", "a-journeyman-tls"}},
	{"eventstore", "spec.exclude.0.key",
		[]string{"properties.ip", "traits.a.b", "groups.tier", "properties.Order Total", "event", "channel", "source", "sessionId", "orderId", "currency", "survey.kind", "survey.score"},
		[]string{"ip", "properties", "properties.", "properties. a", "properties.a ", "properties.a\tb", "events", "time", "Event", "survey", "survey.scale"}},
	{"eventstore", "spec.privacy.hash.0", // types of identities
		[]string{"phone1", "loyaltyId", "a"}, []string{"Email", "loyalty-id", "1a", "e mail"}},
	{"touchpointsource-hmac", webhook + ".publicURL",
		[]string{"https://a.example/b", "http://a.example"}, []string{"a.example", "ftp://a.example", "https://", "https://a b"}},
	{"touchpointsource-hmac", webhook + ".followUp.baseURL",
		[]string{"https://api.example/v3", "http://10.0.0.1:8080"}, []string{"api.example", "ftp://a.example", "https://", "https://a b", "https://a?b", "https://u:p@a"}},
	{"touchpointsource-hmac", "spec.egress.hosts.0",
		[]string{"broker", "broker.shop.svc", "*.a.example"}, []string{"*", "*.", "a.*", "A.b", ".a", "a.", "a b", "a:1"}},
	{"touchpointsource-token-header", webhook + ".followUp.credentials.oauth2.scheme",
		[]string{"Bearer", "Zoho-oauthtoken"}, []string{"Bearer ", "Zoho oauthtoken", "Token:"}},
	{"touchpointsource-ga4", "spec.transport.ga4.streams.0",
		[]string{"G-ABC123", "1:2:ios:3"}, []string{"G ABC", "G/1", "G-Ä"}},
	{"touchpointsource-snowplow", "spec.transport.snowplow.postPaths.0",
		[]string{"/com.example/track", "/a/v1"}, []string{"com.example/track", "/track", "/a/b/c", "/a b/c", "/a/b?c", "/abc/"}},
	{"touchpointsource-kafka", "spec.transport.kafka.brokers.0",
		[]string{"kafka-0.example.com:9092", "10.0.0.1:1", "[fd00::1]:9092"}, []string{"kafka", "kafka:", ":9092", "kafka_0:9092", "kafka:9092/a", "-a:1", "kafka:0", "kafka:00080", "kafka:100000"}},
	{"touchpointsource-kafka", "spec.transport.kafka.topics.0",
		[]string{"shop.events", "a_b-C1"}, []string{"shop/events", "a b", "ä"}},
	{"touchpointsource-nats", "spec.transport.nats.servers.0",
		[]string{"nats.example.com:4222", "10.0.0.1:1", "[fd00::1]:4222"}, []string{"nats", "nats:", ":4222", "nats_0:4222", "nats:4222/a", "-a:1"}},
	{"touchpointsource-nats", "spec.transport.nats.stream", []string{"SHOP", "a_b-C1"}, []string{"a.b", "a b", "a*", "a>", "a/b"}},
	{"touchpointsource-nats", "spec.transport.nats.consumer", []string{"journeyman", "a_b-C1"}, []string{"a.b", "a b", "a*", "a>", "a/b"}},
	{"touchpointsource-nats", "spec.transport.nats.subjects.0", []string{"shop.orders.>", "a.*.b", "$a_b-c"}, []string{"a b", "a\tb", ".a", "a.", "a..b"}},
	{"touchpointsource-amqp", "spec.transport.amqp.brokers.0",
		[]string{"rabbitmq.example.com:5672", "10.0.0.1:1", "[fd00::1]:5672"}, []string{"rabbitmq", "rabbitmq:", ":5672", "rabbit_0:5672", "a:5672/a", "-a:1"}},
	{"touchpointsource-amqpca", "spec.transport.amqp.tls.caConfigMapRef.key", []string{"ca.crt", "a_b-C1"}, []string{"a/b", "a b", "ä"}},
	{"touchpointsource-amqp", "spec.transport.amqp.tls.serverName", []string{"rabbitmq.example.com", "10.0.0.1"}, []string{"a b", "-a", "a.", "a:1"}},
	{"touchpointsource-mqtt", "spec.transport.mqtt.brokers.0",
		[]string{"mqtt.example.com:8883", "10.0.0.1:1", "[fd00::1]:1883"}, []string{"mqtt", "mqtt:", ":1883", "mqtt_0:1883", "a:1883/a", "-a:1"}},
	{"touchpointsource-mqtt", "spec.transport.mqtt.clientID", []string{"journeyman", "a_b-C.1"}, []string{"a/b", "a b", "a+", "a#", "ä"}},
	{"touchpointsource-mqtt", "spec.transport.mqtt.topics.0",
		[]string{"#", "+", "shop/+/orders/#", "/a", "a/", "a b/ä", "$SYS/broker"}, []string{"a#", "#/a", "a/b+", "+a", "a/#/b", "a\tb"}},
	{"touchpointsource-mqttca", "spec.transport.mqtt.tls.caConfigMapRef.key", []string{"ca.crt", "a_b-C1"}, []string{"a/b", "a b", "ä"}},
	{"touchpointsource-mqtt", "spec.transport.mqtt.tls.serverName", []string{"mqtt.example.com", "10.0.0.1"}, []string{"a b", "-a", "a.", "a:1"}},
	{"touchpointsource-rest", "spec.transport.rest.recordsPath",
		[]string{"data", "data.items", `@odata\.nextLink`}, []string{".a", "a.", "a..b", `a\b`}},
	{"touchpointsource-natspassword", "spec.transport.nats.tls.caConfigMapRef.key", []string{"ca.crt", "a_b-C1"}, []string{"a/b", "a b", "ä"}},
	{"touchpointsource-nats", "spec.transport.nats.tls.serverName", []string{"nats.example.com", "10.0.0.1"}, []string{"a b", "-a", "a.", "a:1"}},
	{"touchpointsource-sql", "spec.transport.sql.address",
		[]string{"db.example.com:5432", "10.0.0.1:1", "[fd00::1]:5432"}, []string{"dbs", "dbs:", ":5432", "db_0:5432", "db:5432/a", "-a:1"}},
	{"touchpointsource-sql", "spec.transport.sql.table", []string{"orders", "public.orders", "My Shop.Orders 2"}, []string{"a.b.c", ".a", "a.", "a?"}},
	{"touchpointsource-sql", "spec.transport.sql.timeZone", []string{"UTC", "Europe/Berlin", "Etc/GMT+1"}, []string{"Europe/", "/Berlin", "a b", "a'b"}},
	{"touchpointsource-kafkatime", "spec.transport.kafka.tls.caConfigMapRef.key",
		[]string{"ca.crt", "a_b-C1"}, []string{"a/b", "a b", "ä"}},
	{"touchpointsource-kafka", "spec.transport.kafka.tls.serverName",
		[]string{"kafka.example.com", "10.0.0.1"}, []string{"a b", "-a", "a.", "a:1"}},
	{"touchpointsource-files", "spec.transport.files.from.s3.bucketName",
		[]string{"abc", "a.b-c_1"}, []string{"-ab", "Abc", "a/b", "ab-"}},
	{"touchpointsource-files", "spec.transport.files.from.s3.region",
		[]string{"eu-central-1", "auto"}, []string{"EU", "-a", "a.b"}},
	{"touchpointsource-files", "spec.transport.files.from.s3.endpoint",
		[]string{"http://minio:9000", "https://[fd00::1]:9000"}, []string{"minio:9000", "https://a/b", "ftp://a.example.com", "https://a:0"}},
	{"touchpointsource-sftp", "spec.transport.files.from.sftp.hostKeys.0",
		[]string{"ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY=", "ssh-rsa AAAAB3NzaC1yc2E="}, []string{"sftp.example.com ssh-rsa AAAA", "AAAAB3NzaC1yc2EAAA"}},
	{"touchpointsource-sftp", "spec.transport.files.from.sftp.address",
		[]string{"10.0.0.1:2222"}, []string{"sftp", "sftp:0"}},
	{"touchpointsource-volume", "spec.transport.files.from.volume.claimName",
		[]string{"a", "a.b-c"}, []string{"A", "-a", "a_b"}},
	{"touchpointsource-files", "spec.transport.files.encoding",
		[]string{"windows-1252", "Shift_JIS", "ISO_8859-15:1998"}, []string{"utf 8", "-x", "ä"}},
	{"touchpointsource-files", "spec.transport.files.timeZone",
		[]string{"UTC", "Europe/Berlin"}, []string{"+01:00", "Europe/Berlin ", "../etc", "1"}},
	{"touchpointsource-files", "spec.transport.files.currency",
		[]string{"EUR"}, []string{"eur", "EU", "EU1"}},
	{"touchpointsource-preset", webhook + ".token.field",
		[]string{"token", "meta.token", "Body.a_b.@type"}, []string{"a.", ".a", "a..b", "a b", "a[0]"}},
	{"touchpointsource-header", hmac + ".header",
		[]string{"X-Signature", "x1"}, []string{"X Signature", "X_Signature", "X:"}},
	{"touchpointsource-hmac", "spec.dropFields.0",
		[]string{"properties.ip", "traits.a.b", "traits.Card Number"}, []string{"ip", "properties.", "groups.a", "properties.a "}},
	{"journeymap", "spec.analysis.timeZone",
		[]string{"UTC", "Europe/Berlin", "Etc/GMT+1", "America/Port-au-Prince"}, []string{"+01:00", "Europe/Berlin ", "../etc", "1"}},
	{"journeymap", "spec.countBy.key",
		[]string{"person", "sessionId", "orderId", "properties.$session_id", "properties.Order Number", "groups.company.id"},
		[]string{"persons", "traits.a", "event", "properties.", `properties.a"b`, `groups.a\b`, "groups.a ", "groups. a"}},
	{"metricreport", "spec.currency",
		[]string{"EUR", "USD"}, []string{"eur", "EU", "€", "E1R"}},
}

var _ = Describe("A pattern", suite.Fast, func() {
	all, tested := schemas(), map[string]bool{}
	for _, p := range patterns {
		kind, _, _ := strings.Cut(p.doc, "-")
		at := strings.Split(p.path, ".")
		pattern := patternAt(all[kind], at)
		tested[pattern] = true
		It("accepts and refuses values of "+p.doc+"/"+p.path, func(ctx SpecContext) {
			Expect(pattern).NotTo(BeEmpty(), "the field has no pattern")
			for _, v := range p.accept {
				Expect(create(ctx, edits{p.path: v}.apply(load(p.doc)))).To(Succeed(), "%s", v)
			}
			for _, v := range p.refuse {
				got := messagesAt(ctx, edits{p.path: v}.apply(load(p.doc)), at)
				Expect(got).NotTo(BeEmpty(), "%q is accepted", v)
				Expect(strings.Join(got, "\n")).To(ContainSubstring("should match '"+pattern+"'"), "%s", v)
			}
		})
	}

	It("in any CRD has a case here", func() {
		for kind, root := range all {
			walk(root.Properties["spec"], []string{"spec"}, func(path []string, s schema) {
				if s.Pattern != "" && !s.XIntOrString {
					Expect(tested).To(HaveKey(s.Pattern), "%s %s: no case for the pattern", kind, dotted(path))
				}
			})
		}
	})

	It("of a date is not enough: the day must exist", func(ctx SpecContext) {
		const at = "spec.freshness.reviewedAt"
		got := messagesAt(ctx, edits{at: "2026-02-30"}.apply(load("journeymap")), strings.Split(at, "."))
		Expect(got).To(HaveLen(1))
		Expect(got[0]).To(ContainSubstring("must be of type date"))
	})
})

// patternAt returns the pattern of the field at a path of a document, or an empty string.
func patternAt(s schema, path []string) string {
	for _, step := range path {
		if s.Items != nil {
			s = *s.Items.Schema
			continue
		}
		s = s.Properties[step]
	}
	return s.Pattern
}
