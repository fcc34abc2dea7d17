// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import "strings"

const (
	webhook = "spec.transport.webhook"
	hmac    = webhook + ".hmac"
	event   = "spec.mapping.0.event"
	inEvent = "spec.mapping[0].event"
)

var (
	none   = map[string]any{}
	secret = map[string]any{"name": "token"}
	labels = map[string]any{"app": "till"}
)

var sourceRules = []rule{
	{
		doc: "touchpointsource-segment", field: "spec.allowFrom[0]", message: "an entry must have namespaceLabels, podLabels or both, or only a cidr",
		accept: []edits{
			{"spec.allowFrom": []any{map[string]any{"namespaceLabels": labels, "podLabels": labels}, map[string]any{"cidr": "fd00::/8"}}},
			{"spec.allowFrom": []any{map[string]any{"podLabels": labels}}},
		},
		refuse: []edits{
			{"spec.allowFrom": []any{none}}, {"spec.allowFrom": []any{map[string]any{"cidr": "10.0.0.0/8", "podLabels": labels}}},
		},
	},
	{
		doc: "touchpointsource-segment", field: "spec.allowFrom[0].cidr", message: "cidr must be a network, such as 10.0.0.0/8 or fd00::/8",
		refuse: []edits{{"spec.allowFrom": []any{map[string]any{"cidr": "10.0.0.1"}}}},
	},
	{
		doc: "touchpointsource-segment", field: "spec.allowFrom[0].podLabels", message: "labels must have keys of at most 317 and values of at most 63 characters",
		refuse: []edits{{"spec.allowFrom": []any{map[string]any{"podLabels": map[string]any{"a": strings.Repeat("x", 64)}}}}},
	},
	{
		doc: "touchpointsource-segment", field: "spec.transport", message: "set exactly one transport: webhook, segment, cloudEvents, posthog, mixpanel, amplitude, ga4, snowplow, matomo, kafka, nats, amqp, mqtt, files, sql or rest",
		accept: []edits{{"spec.transport": map[string]any{"cloudEvents": map[string]any{"unauthenticated": none}}}},
		refuse: []edits{
			{"spec.transport": none},
			{"spec.transport.cloudEvents": map[string]any{"secretRef": secret}},
		},
	},
	{
		doc: "touchpointsource-hmac", field: "spec.egress.cidrs[0]", message: "cidrs must be networks, such as 10.0.0.0/8 or fd00::/8",
		accept: []edits{{"spec.egress.cidrs": []any{"fd00::/8"}}},
		refuse: []edits{{"spec.egress.cidrs": []any{"10.0.0.1"}}},
	},
	{
		doc: "touchpointsource-hmac", field: "spec.egress", message: "remove egress: it is for transports that read, and for webhooks with followUp",
		accept: []edits{{webhook + ".followUp": nil, "spec.egress": nil}},
		refuse: []edits{{webhook + ".followUp": nil}},
	},
	{
		doc: "touchpointsource-segment", field: "spec.egress", message: "remove egress: it is for transports that read, and for webhooks with followUp",
		refuse: []edits{{"spec.egress": map[string]any{"cidrs": []any{"10.20.0.0/16"}}}},
	},
	{
		doc: "touchpointsource-bearer", field: webhook + ".followUp.credentials", message: "set at most one of header, parameter, basic and oauth2",
		accept: []edits{{webhook + ".followUp.credentials": none}},
		refuse: []edits{{webhook + ".followUp.credentials.parameter": "key"}, {webhook + ".followUp.credentials.header": map[string]any{"name": "X-Key"}}},
	},
	{
		doc: "touchpointsource-hmac", field: webhook + ".followUp.reads[0].query", message: "parameters have names of at most 128 characters",
		refuse: []edits{{webhook + ".followUp.reads.0.query": map[string]any{strings.Repeat("x", 129): "body.a"}}},
	},
	{
		doc: "touchpointsource-token-header", field: webhook + ".followUp.credentials.oauth2.parameters",
		message: "parameters have names of at most 128 and values of at most 256 characters",
		refuse:  []edits{{webhook + ".followUp.credentials.oauth2.parameters": map[string]any{"a": strings.Repeat("x", 257)}}},
	},
	{
		doc: "touchpointsource-bearer", field: "spec.mapping",
		message: "mapping needs at least one rule, or the source a preset: documents of a webhook have no standard form",
		refuse:  []edits{{"spec.mapping": nil}, {"spec.mapping": []any{}}},
	},
	{
		doc: "touchpointsource-bearer", field: webhook,
		message: "set at most one of hmac, bearer, token and unauthenticated: it says how the sender is authenticated",
		accept:  []edits{{webhook: map[string]any{"unauthenticated": none}}, {webhook + ".bearer": nil, webhook + ".token": map[string]any{"path": none}}},
		refuse: []edits{
			{webhook + ".hmac": map[string]any{"header": "X-Signature"}}, {webhook + ".token": map[string]any{"header": "X-Token"}},
			{webhook + ".secretRef": nil, webhook + ".unauthenticated": none},
		},
	},
	{
		doc: "touchpointsource-bearer", field: webhook,
		message: "set exactly one of hmac, bearer, token and unauthenticated, or a preset: it says how the sender is authenticated",
		accept:  []edits{{webhook + ".bearer": nil, "spec.preset": "stripe"}},
		refuse:  []edits{{webhook + ".bearer": nil}},
	},
	{
		doc: "touchpointsource-preset", field: webhook + ".token", message: "set exactly one of header, parameter, path and field",
		accept: []edits{
			{webhook + ".token": map[string]any{"parameter": "key"}}, {webhook + ".token": map[string]any{"field": "meta.token"}},
		},
		refuse: []edits{{webhook + ".token": none}, {webhook + ".token": map[string]any{"header": "X-Token", "path": none}}},
	},
	{
		doc: "touchpointsource-preset", field: webhook + ".answer", message: "set body and contentType, or neither",
		accept: []edits{{webhook + ".answer": map[string]any{"staleStatus": int64(400)}}},
		refuse: []edits{{webhook + ".answer": map[string]any{"body": "ok"}}, {webhook + ".answer": map[string]any{"contentType": "text/plain"}}},
	},
	{
		doc: "touchpointsource-bearer", field: webhook + ".sender", message: "set field: only a preset has a default",
		accept: []edits{
			{webhook + ".sender": map[string]any{"field": "account", "allowed": []any{"a-1"}}},
			{webhook + ".sender": map[string]any{"allowed": []any{"a-1"}}, "spec.preset": "salesforce"},
		},
		refuse: []edits{{webhook + ".sender": map[string]any{"allowed": []any{"a-1"}}}},
	},
	{
		doc: "touchpointsource-preset", field: "spec.transport", message: "set webhook or files: a preset completes these transports only",
		refuse: []edits{{"spec.transport": map[string]any{"segment": map[string]any{"secretRef": map[string]any{"name": "keys"}}}}},
	}, {
		doc: "touchpointsource-bearer", field: "spec.channel", message: "set channel: only a preset has a default",
		accept: []edits{{"spec.channel": nil, "spec.preset": "yotpo"}},
		refuse: []edits{{"spec.channel": nil}},
	},
	{
		doc: "touchpointsource-bearer", field: webhook, message: "set secretRef, unless the webhook is unauthenticated",
		accept: []edits{{webhook: map[string]any{"hmac": map[string]any{"header": "X-Signature"}, "secretRef": secret}}},
		refuse: []edits{
			{webhook + ".secretRef": nil}, {webhook: map[string]any{"hmac": map[string]any{"header": "X-Signature"}}},
			{webhook: map[string]any{"unauthenticated": none, "secretRef": secret}},
		},
	},
	{
		doc: "touchpointsource-hmac", field: webhook, message: "publicURL is needed because the signature covers the URL",
		accept: []edits{{webhook + ".publicURL": nil, hmac + ".signedContent.4": map[string]any{"method": none}}},
		refuse: []edits{{webhook + ".publicURL": nil}},
	},
	{
		doc: "touchpointsource-cloudevents", field: "spec.transport.cloudEvents",
		message: "set exactly one of secretRef (a bearer token) and unauthenticated",
		accept:  []edits{{"spec.transport.cloudEvents": map[string]any{"unauthenticated": none}}},
		refuse:  []edits{{"spec.transport.cloudEvents": none}, {"spec.transport.cloudEvents.unauthenticated": none}},
	},
	{
		doc: "touchpointsource-snowplow", field: "spec.transport.snowplow",
		message: "set exactly one of secretRef (a key in the path or a bearer token) and unauthenticated",
		accept:  []edits{{"spec.transport.snowplow": map[string]any{"unauthenticated": none}}},
		refuse:  []edits{{"spec.transport.snowplow": none}, {"spec.transport.snowplow.unauthenticated": none}},
	},
	{
		doc: "touchpointsource-matomo", field: "spec.transport.matomo",
		message: "set secretRef (token_auth), unauthenticated, or both: then requests without a token are accepted, too",
		accept: []edits{
			{"spec.transport.matomo.secretRef": nil}, {"spec.transport.matomo.unauthenticated": nil}, {"spec.transport.matomo": map[string]any{"secretRef": secret}},
		},
		refuse: []edits{{"spec.transport.matomo": none}, {"spec.transport.matomo.secretRef": nil, "spec.transport.matomo.unauthenticated": nil}},
	},
	{
		doc: "touchpointsource-kafka", field: "spec.mapping",
		message: "mapping needs at least one rule: JSON values have no standard form",
		accept:  []edits{{"spec.transport.kafka.format": "CloudEvents"}},
		refuse:  []edits{{"spec.transport.kafka.format": nil}, {"spec.transport.kafka.format": "JSON", "spec.mapping": []any{}}},
	},
	{
		doc: "touchpointsource-kafka", field: "spec.transport",
		message: "remove tls, allowFrom and trustedProxies: they are for transports that receive requests, and this one does not",
		refuse: []edits{
			{"spec.tls": map[string]any{"secretRef": map[string]any{"name": "journeyman-tls"}}}, {"spec.trustedProxies": []any{"10.0.0.0/8"}},
			{"spec.allowFrom": []any{map[string]any{"cidr": "10.0.0.0/8"}}},
		},
	},
	{
		doc: "touchpointsource-amqp", field: "spec.mapping",
		message: "mapping needs at least one rule: messages in JSON have no standard form",
		accept:  []edits{{"spec.transport.amqp.format": "CloudEvents"}},
		refuse:  []edits{{"spec.transport.amqp.format": nil}, {"spec.transport.amqp.format": "JSON", "spec.mapping": []any{}}},
	},
	{
		doc: "touchpointsource-amqp", field: "spec.transport",
		message: "remove tls, allowFrom and trustedProxies: they are for transports that receive requests, and this one does not",
		refuse:  []edits{{"spec.trustedProxies": []any{"10.0.0.0/8"}}, {"spec.allowFrom": []any{map[string]any{"cidr": "10.0.0.0/8"}}}},
	},
	{
		doc: "touchpointsource-amqp", field: "spec.transport.amqp", message: "set auth, or tls.certificateSecretRef: brokers admit nobody without",
		accept: []edits{{"spec.transport.amqp.auth": nil}, {"spec.transport.amqp.tls": nil}},
		refuse: []edits{
			{"spec.transport.amqp.auth": nil, "spec.transport.amqp.tls": nil}, {"spec.transport.amqp.auth": nil, "spec.transport.amqp.tls.certificateSecretRef": nil},
		},
	},
	{
		doc: "touchpointsource-mqtt", field: "spec.mapping",
		message: "mapping needs at least one rule: payloads in JSON have no standard form",
		accept:  []edits{{"spec.transport.mqtt.format": "CloudEvents"}},
		refuse:  []edits{{"spec.transport.mqtt.format": nil}, {"spec.transport.mqtt.format": "JSON", "spec.mapping": []any{}}},
	},
	{
		doc: "touchpointsource-mqtt", field: "spec.transport",
		message: "remove tls, allowFrom and trustedProxies: they are for transports that receive requests, and this one does not",
		refuse:  []edits{{"spec.trustedProxies": []any{"10.0.0.0/8"}}, {"spec.allowFrom": []any{map[string]any{"cidr": "10.0.0.0/8"}}}},
	},
	{
		doc: "touchpointsource-mqtt", field: "spec.scaling.maxReplicas",
		message: "remove maxReplicas: each pod has a session at the broker, so set only minReplicas",
		accept: []edits{
			{"spec.scaling": map[string]any{"minReplicas": 3}}, {"spec.scaling": map[string]any{"minReplicas": 3, "maxReplicas": 3}},
			{"spec.scaling": map[string]any{"maxReplicas": 1}},
		},
		refuse: []edits{{"spec.scaling": map[string]any{"minReplicas": 3, "maxReplicas": 4}}, {"spec.scaling": map[string]any{"maxReplicas": 2}}},
	},
	{
		doc: "touchpointsource-mqtt", field: "spec.transport.mqtt.topics[0]",
		message: "leave out $share/NAME/: the pods share their subscription by themselves",
		accept:  []edits{{"spec.transport.mqtt.topics": []any{"$SYS/broker", "$shared"}}},
		refuse:  []edits{{"spec.transport.mqtt.topics": []any{"$share/a/b"}}},
	},
	{
		doc: "touchpointsource-nats", field: "spec.mapping",
		message: "mapping needs at least one rule: JSON messages have no standard form",
		accept:  []edits{{"spec.transport.nats.format": "CloudEvents"}},
		refuse:  []edits{{"spec.transport.nats.format": nil}, {"spec.transport.nats.format": "JSON", "spec.mapping": []any{}}},
	},
	{
		doc: "touchpointsource-nats", field: "spec.transport",
		message: "remove tls, allowFrom and trustedProxies: they are for transports that receive requests, and this one does not",
		refuse:  []edits{{"spec.trustedProxies": []any{"10.0.0.0/8"}}, {"spec.allowFrom": []any{map[string]any{"cidr": "10.0.0.0/8"}}}},
	},
	{
		doc: "touchpointsource-nats", field: "spec.transport.nats", message: "set at most one of start and startTime",
		accept: []edits{{"spec.transport.nats.start": nil, "spec.transport.nats.startTime": "2026-11-01T00:00:00Z"}},
		refuse: []edits{{"spec.transport.nats.startTime": "2026-11-01T00:00:00Z"}},
	},
	{
		doc: "touchpointsource-nats", field: "spec.transport.nats.auth", message: "set exactly one of credentialsSecretRef, tokenSecretRef and passwordSecretRef",
		accept: []edits{{
			"spec.transport.nats.auth.credentialsSecretRef": nil, "spec.transport.nats.auth.username": "a",
			"spec.transport.nats.auth.passwordSecretRef": map[string]any{"name": "nats"},
		}},
		refuse: []edits{{"spec.transport.nats.auth.tokenSecretRef": map[string]any{"name": "nats"}}, {"spec.transport.nats.auth": none}},
	},
	{
		doc: "touchpointsource-nats", field: "spec.transport.nats.auth", message: "username and passwordSecretRef belong together: set both or none",
		refuse: []edits{{"spec.transport.nats.auth.username": "a"}},
	},
	{
		doc: "touchpointsource-files", field: "spec.mapping",
		message: "mapping needs at least one rule, or the source a preset: the columns of a file have no standard meaning",
		accept:  []edits{{"spec.preset": "shopify", "spec.mapping": nil, "spec.channel": nil}, {"spec.transport.files": none, "spec.egress": nil}},
		refuse:  []edits{{"spec.mapping": nil}, {"spec.mapping": []any{}}},
	},
	{
		doc: "touchpointsource-files", field: "spec.scaling", message: "remove scaling: one pod reads or imports the files",
		refuse: []edits{{"spec.scaling": map[string]any{"minReplicas": 2}}},
	},
	{
		doc: "touchpointsource-files", field: "spec.transport.files.from", message: "set exactly one of s3, sftp and volume",
		accept: []edits{{"spec.transport.files.from.s3": nil, "spec.transport.files.from.volume": map[string]any{"claimName": "exports"}}},
		refuse: []edits{
			{"spec.transport.files.from.s3": nil}, {"spec.transport.files.from.volume": map[string]any{"claimName": "exports"}},
		},
	},
	{
		doc: "touchpointsource-files", field: "spec.egress", message: "remove egress: it is for transports that read, and for webhooks with followUp",
		refuse: []edits{{"spec.transport.files.from": nil}},
	},
	{
		doc: "touchpointsource-files", field: "spec.transport.files.from.s3.tls", message: "set at most one of caSecretRef and caConfigMapRef",
		refuse: []edits{{"spec.transport.files.from.s3.tls.caConfigMapRef": map[string]any{"name": "s3-ca"}}},
	},
	{
		doc: "touchpointsource-sftp", field: "spec.transport.files.from.sftp", message: "set exactly one of passwordSecretRef and privateKeySecretRef",
		accept: []edits{{"spec.transport.files.from.sftp.privateKeySecretRef": nil, "spec.transport.files.from.sftp.passwordSecretRef": secret}},
		refuse: []edits{
			{"spec.transport.files.from.sftp.privateKeySecretRef": nil}, {"spec.transport.files.from.sftp.passwordSecretRef": secret},
		},
	},
	{
		doc: "touchpointsource-sftp", field: "spec.transport.files.from.sftp.address", message: "the port must be at most 65535",
		refuse: []edits{{"spec.transport.files.from.sftp.address": "sftp:65536"}},
	},
	{
		doc: "touchpointsource-volume", field: "spec.transport.files.from.volume.claimName",
		message: "claimName must not end with -store: a claim with such a name has the data of an EventStore",
		accept:  []edits{{"spec.transport.files.from.volume.claimName": "store-exports"}},
		refuse:  []edits{{"spec.transport.files.from.volume.claimName": "default-store"}},
	},
	{
		doc: "touchpointsource-volume", field: "spec.transport.files.from.volume.path", message: "path must be relative, without ..",
		accept: []edits{{"spec.transport.files.from.volume.path": "a/..b"}},
		refuse: []edits{
			{"spec.transport.files.from.volume.path": "/a"}, {"spec.transport.files.from.volume.path": "a/../.."},
		},
	},
	{
		doc: "touchpointsource-files", field: "spec.transport.files.header",
		message: "set rows or columns, or remove header: the first line is the header then",
		accept:  []edits{{"spec.transport.files.header.rows": nil}, {"spec.transport.files.header.columns": nil}},
		refuse:  []edits{{"spec.transport.files.header": none}},
	},
	{
		doc: "touchpointsource-sql", field: "spec.mapping", message: "mapping needs at least one rule: rows have no standard form",
		refuse: []edits{{"spec.mapping": nil}, {"spec.mapping": []any{}}},
	},
	{
		doc: "touchpointsource-sql", field: "spec.scaling", message: "remove scaling: one pod reads all rows of a database",
		accept: []edits{{"spec.scaling": map[string]any{"minReplicas": int64(1), "maxReplicas": int64(1)}}, {"spec.scaling": none}},
		refuse: []edits{{"spec.scaling": map[string]any{"minReplicas": int64(2)}}, {"spec.scaling": map[string]any{"maxReplicas": int64(2)}}},
	},
	{
		doc: "touchpointsource-sql", field: "spec.transport",
		message: "remove tls, allowFrom and trustedProxies: they are for transports that receive requests, and this one does not",
		refuse:  []edits{{"spec.trustedProxies": []any{"10.0.0.0/8"}}, {"spec.allowFrom": []any{map[string]any{"cidr": "10.0.0.0/8"}}}},
	},
	{
		doc: "touchpointsource-sql", field: "spec.transport.sql", message: "set exactly one of table and query",
		refuse: []edits{{"spec.transport.sql.query": "SELECT 1"}, {"spec.transport.sql.table": nil, "spec.transport.sql.columns": nil}},
	},
	{
		doc: "touchpointsource-sqlquery", field: "spec.transport.sql", message: "remove columns: the query says which columns it returns",
		refuse: []edits{{"spec.transport.sql.columns": []any{"id", "change"}}},
	},
	{
		doc: "touchpointsource-sql", field: "spec.transport.sql", message: "columns must contain versionColumn and keyColumns",
		accept: []edits{{"spec.transport.sql.columns": []any{"id", "updated_at"}}, {"spec.transport.sql.columns": nil}},
		refuse: []edits{{"spec.transport.sql.columns": []any{"id", "total"}}, {"spec.transport.sql.columns": []any{"updated_at", "total"}}},
	},
	{
		doc: "touchpointsource-sql", field: "spec.transport.sql", message: "set at most one of tls and unencrypted",
		accept: []edits{{"spec.transport.sql.tls": nil, "spec.transport.sql.unencrypted": none}, {"spec.transport.sql.tls": nil}},
		refuse: []edits{{"spec.transport.sql.unencrypted": none}},
	},
	{
		doc: "touchpointsource-sql", field: "spec.transport.sql", message: "set at most one of overlap, for times, and overlapValues, for integers",
		refuse: []edits{{"spec.transport.sql.overlapValues": int64(0)}},
	},
	{
		doc: "touchpointsource-sql", field: "spec.transport.sql.auth", message: "set exactly one of username and usernameSecretRef",
		accept: []edits{{"spec.transport.sql.auth.username": nil, "spec.transport.sql.auth.usernameSecretRef": map[string]any{"name": "db"}}},
		refuse: []edits{{"spec.transport.sql.auth.username": nil}, {"spec.transport.sql.auth.usernameSecretRef": map[string]any{"name": "db"}}},
	},
	{
		doc: "touchpointsource-rest", field: "spec.mapping", message: "mapping needs at least one rule: records of an API have no standard form",
		refuse: []edits{{"spec.mapping": nil}, {"spec.mapping": []any{}}},
	},
	{
		doc: "touchpointsource-rest", field: "spec.scaling", message: "remove scaling: one pod asks the API",
		accept: []edits{{"spec.scaling": map[string]any{"minReplicas": int64(1), "maxReplicas": int64(1)}}, {"spec.scaling": none}},
		refuse: []edits{{"spec.scaling": map[string]any{"minReplicas": int64(2)}}, {"spec.scaling": map[string]any{"maxReplicas": int64(2)}}},
	},
	{
		doc: "touchpointsource-rest", field: "spec.transport",
		message: "remove tls, allowFrom and trustedProxies: they are for transports that receive requests, and this one does not",
		refuse:  []edits{{"spec.trustedProxies": []any{"10.0.0.0/8"}}, {"spec.allowFrom": []any{map[string]any{"cidr": "10.0.0.0/8"}}}},
	},
	{
		doc: "touchpointsource-rest", field: "spec.transport.rest", message: "set secretRef, too: credentials say how requests carry its secret",
		accept: []edits{{"spec.transport.rest.credentials": nil}, {"spec.transport.rest.credentials": nil, "spec.transport.rest.secretRef": nil}},
		refuse: []edits{{"spec.transport.rest.secretRef": nil}},
	},
	{
		doc: "touchpointsource-restcursor", field: "spec.transport.rest", message: "set pagination.cursor, too: savedCursor continues with its last cursor",
		refuse: []edits{{"spec.transport.rest.pagination": nil}, {"spec.transport.rest.pagination": map[string]any{"linkHeader": none}}},
	},
	{
		doc: "touchpointsource-rest", field: "spec.transport.rest.query", message: "parameters have names of at most 128 characters",
		refuse: []edits{{"spec.transport.rest.query": map[string]any{strings.Repeat("x", 129): "1"}}},
	},
	{
		doc: "touchpointsource-rest", field: "spec.transport.rest.headers", message: "names of headers have up to 64 letters, digits and hyphens",
		refuse: []edits{{"spec.transport.rest.headers": map[string]any{"a b": "1"}}, {"spec.transport.rest.headers": map[string]any{strings.Repeat("x", 65): "1"}}},
	},
	{
		doc: "touchpointsource-rest", field: "spec.transport.rest.headers",
		message: "remove this header: put credentials into secretRef, and leave the rest to the pods",
		refuse:  []edits{{"spec.transport.rest.headers": map[string]any{"Authorization": "1"}}, {"spec.transport.rest.headers": map[string]any{"HOST": "1"}}},
	},
	{
		doc: "touchpointsource-rest", field: "spec.transport.rest.pagination",
		message: "set exactly one of cursor, pageNumber, offset, linkHeader and nextLink",
		accept:  []edits{{"spec.transport.rest.pagination": map[string]any{"linkHeader": none}}},
		refuse:  []edits{{"spec.transport.rest.pagination.linkHeader": none}, {"spec.transport.rest.pagination.cursor": nil}},
	},
	{
		doc: "touchpointsource-restcursor", field: "spec.transport.rest.pagination.cursor", message: "set exactly one of path and lastRecord",
		refuse: []edits{{"spec.transport.rest.pagination.cursor.path": "next"}, {"spec.transport.rest.pagination.cursor.lastRecord": nil}},
	},
	{
		doc: "touchpointsource-restcursor", field: "spec.transport.rest.pagination.cursor", message: "set at most one of morePath and endPath",
		accept: []edits{{"spec.transport.rest.pagination.cursor.endPath": nil}},
		refuse: []edits{{"spec.transport.rest.pagination.cursor.morePath": "more"}},
	},
	{
		doc: "touchpointsource-rest", field: "spec.transport.rest.incremental", message: "set exactly one of time and savedCursor",
		refuse: []edits{{"spec.transport.rest.incremental.savedCursor": none}, {"spec.transport.rest.incremental": none}},
	},
	{
		doc: "touchpointsource-rest", field: "spec.transport.rest.incremental.time", message: "set start, too: windows begin there",
		accept: []edits{{"spec.transport.rest.incremental.time.start": nil, "spec.transport.rest.incremental.time.window": nil}},
		refuse: []edits{{"spec.transport.rest.incremental.time.start": nil}},
	},
	{
		doc: "touchpointsource-kafka", field: "spec.transport.kafka", message: "set at most one of start and startTime",
		accept: []edits{{"spec.transport.kafka.start": nil, "spec.transport.kafka.startTime": "2026-11-01T00:00:00Z"}},
		refuse: []edits{{"spec.transport.kafka.startTime": "2026-11-01T00:00:00Z"}},
	},
	{
		doc: "touchpointsource-kafka", field: "spec.transport.kafka.brokers[0]", message: "the port must be at most 65535",
		accept: []edits{{"spec.transport.kafka.brokers.0": "[fd00::1]:65535"}},
		refuse: []edits{{"spec.transport.kafka.brokers.0": "kafka:65536"}, {"spec.transport.kafka.brokers.0": "[fd00::1]:99999"}},
	},
	{
		doc: "touchpointsource-kafka", field: "spec.transport.kafka.tls", message: "set at most one of caSecretRef and caConfigMapRef",
		accept: []edits{{"spec.transport.kafka.tls.caSecretRef": nil, "spec.transport.kafka.tls.caConfigMapRef": map[string]any{"name": "kafka-ca", "key": "ca.pem"}}},
		refuse: []edits{{"spec.transport.kafka.tls.caConfigMapRef": map[string]any{"name": "kafka-ca"}}},
	},
	{
		doc: "touchpointsource-bearer", field: "spec.mapping[0]",
		message: "set exactly one of event and drop: a rule either creates an event or drops the document",
		accept:  []edits{{"spec.mapping.0": map[string]any{"drop": none}}},
		refuse:  []edits{{"spec.mapping.0": none}, {"spec.mapping.0.drop": none}},
	},
	{
		doc: "touchpointsource-hmac", field: "spec.mapping[1]", message: "forEach needs event: drop always drops the whole document",
		refuse: []edits{{"spec.mapping.1.forEach": "body.orders"}},
	},
	{
		doc: "touchpointsource-hmac", field: inEvent,
		message: "amount and currency belong together: set both or neither",
		accept:  []edits{{event + ".amount": nil, event + ".currency": nil}},
		refuse:  []edits{{event + ".amount": nil}, {event + ".currency": nil}},
	},
	{
		doc: "touchpointsource-hmac", field: inEvent + ".identities",
		message: "identities have types of at most 32 characters, such as customerId, email or anonymousId",
		accept:  []edits{{event + ".identities": map[string]any{strings.Repeat("a", 32): "body.id"}}},
		refuse:  []edits{{event + ".identities": map[string]any{strings.Repeat("a", 33): "body.id"}}},
	},
	{
		doc: "touchpointsource-hmac", field: "spec.trustedProxies[0]", message: "trustedProxies must be networks, such as 10.0.0.0/8 or fd00::/8",
		accept: []edits{{"spec.trustedProxies": []any{"10.0.0.0/8", "192.0.2.1/32", "fd00::/8"}}},
		refuse: []edits{{"spec.trustedProxies": []any{"10.0.0.1"}}, {"spec.trustedProxies": []any{"ingress"}}, {"spec.trustedProxies": []any{"10.0.0.0/33"}}},
	},
	{
		doc: "touchpointsource-bearer", field: "spec.mapping",
		message: "set event.identities, or unidentified: Keep in the source: an event without an identity belongs to no customer",
		accept:  []edits{{event + ".identities": nil, "spec.unidentified": "Keep"}},
		refuse:  []edits{{event + ".identities": nil, "spec.unidentified": nil}, {event + ".identities": nil, "spec.unidentified": "Reject"}},
	},
	{
		doc: "touchpointsource-hmac", field: "spec.limits.maxBodySize", message: "maxBodySize must be between 1Ki and 16Mi",
		accept: []edits{{"spec.limits.maxBodySize": "1Ki"}, {"spec.limits.maxBodySize": "16Mi"}, {"spec.limits.maxBodySize": int64(4096)}},
		refuse: []edits{{"spec.limits.maxBodySize": "1023"}, {"spec.limits.maxBodySize": "17Mi"}, {"spec.limits.maxBodySize": int64(1)}},
	},
	{
		doc: "touchpointsource-hmac", field: "spec.scaling", message: "maxReplicas must not be less than minReplicas",
		accept: []edits{
			{"spec.scaling": none}, {"spec.scaling": map[string]any{"minReplicas": int64(3)}},
			{"spec.scaling": map[string]any{"maxReplicas": int64(1)}}, {"spec.scaling.maxReplicas": int64(2)},
		},
		refuse: []edits{{"spec.scaling.maxReplicas": int64(1)}},
	},
}

var hmacRules = []rule{
	{
		doc: "touchpointsource-hmac", field: hmac, message: "tolerance needs timestamp: without one the age of a request is unknown",
		accept: []edits{{hmac + ".tolerance": nil}},
		refuse: []edits{{hmac + ".timestamp": nil, hmac + ".signedContent.0": map[string]any{"literal": "a"}}},
	},
	{
		doc: "touchpointsource-header", field: hmac,
		message: "signedContent must have a timestamp entry when timestamp is set: a time that is not signed can be changed by whoever repeats the request",
		accept:  []edits{{hmac + ".timestamp": nil, hmac + ".signedContent": nil}},
		refuse:  []edits{{hmac + ".signedContent": nil}, {hmac + ".signedContent": []any{map[string]any{"body": none}}}},
	},
	{
		doc: "touchpointsource-header", field: hmac,
		message: "set timestamp, because signedContent has a timestamp entry",
		refuse:  []edits{{hmac + ".timestamp": nil}},
	},
	{
		doc: "touchpointsource-header", field: hmac,
		message: "signedContent must have an entry for the body: body, form or formField. A body that is not signed can be changed",
		accept:  []edits{{hmac + ".signedContent": []any{map[string]any{"timestamp": none}, map[string]any{"form": none}}}},
		refuse:  []edits{{hmac + ".signedContent": []any{map[string]any{"timestamp": none}}}},
	},
	{
		doc: "touchpointsource-header", field: hmac, message: "set exactly one of header and formField: it carries the signature",
		accept: []edits{{hmac + ".header": nil, hmac + ".formField": "HMAC"}},
		refuse: []edits{{hmac + ".header": nil}, {hmac + ".formField": "HMAC"}},
	},
	{
		doc: "touchpointsource-header", field: hmac,
		message: "bodyHashParameter needs a url entry in signedContent: a hash that is not signed can be changed",
		refuse:  []edits{{hmac + ".bodyHashParameter": "bodySHA256"}},
	},
	{
		doc: "touchpointsource-hmac", field: hmac,
		message: "timestamp.key needs the format KeyValueList; set timestamp.header for the other formats",
		refuse:  []edits{{hmac + ".format": "Plain", hmac + ".signatureKey": nil}, {hmac + ".format": nil, hmac + ".signatureKey": nil}},
	},
	{
		doc: "touchpointsource-header", field: hmac, message: "set signatureKey for the format KeyValueList, and only for it",
		accept: []edits{{hmac + ".format": "SpaceList"}, {hmac + ".format": "KeyValueList", hmac + ".signatureKey": "v1"}},
		refuse: []edits{{hmac + ".signatureKey": "v1"}, {hmac + ".format": "KeyValueList"}, {hmac + ".format": "Plain", hmac + ".signatureKey": "v1"}},
	},
	{
		doc: "touchpointsource-hmac", field: hmac + ".signedContent[2]",
		message: "set exactly one of body, form, formField, url, method, timestamp, literal and header",
		accept:  []edits{{hmac + ".signedContent.2": map[string]any{"header": "X-Id"}}, {hmac + ".signedContent.2": map[string]any{"formField": "MSG"}}},
		refuse:  []edits{{hmac + ".signedContent.2": none}, {hmac + ".signedContent.2.literal": "."}},
	},
	{
		doc: "touchpointsource-header", field: hmac + ".timestamp", message: "set exactly one of header and key",
		refuse: []edits{
			{hmac + ".timestamp": map[string]any{"unit": "Seconds"}},
			{hmac + ".format": "KeyValueList", hmac + ".signatureKey": "v1", hmac + ".timestamp.key": "t"},
		},
	},
}
