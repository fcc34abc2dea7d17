// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package touchpointsource

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/storewatch"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// If the store does not exist, its spec, which names the Secret, is unknown.
func TestPepperOfAMissingStore(t *testing.T) {
	look := heard(time.Time{}, noon)
	look.Reports = []store.Report{{Missing: []store.MissingSecret{{For: store.SecretForHashing, Name: "p", Key: "k", Problem: "gone"}}}}
	for name, es := range map[string]*v1alpha1.EventStore{"no EventStore": nil, "no privacy": {}} {
		t.Run(name, func(t *testing.T) {
			v, missing := secretMissing(source("", noon), es, look, nil)
			require.True(t, missing)
			require.Contains(t, v.Message, "refused. spec.privacy.pepperSecretRef of the EventStore (Secret p, key k): gone. The")
		})
	}
}

// Pods report missing Secrets by themselves, so nobody has to send events.
func TestSecretReported(t *testing.T) {
	const gone = "the Secret or its key is missing or empty"
	report := func(pod string, missing ...store.MissingSecret) store.Report {
		return store.Report{Source: "web", Pod: pod, Missing: missing}
	}
	key := store.MissingSecret{For: store.SecretForSenders, Name: "write-key", Key: "journeyman-secret", Problem: gone}
	pepper := store.MissingSecret{For: store.SecretForHashing, Name: "pepper", Key: "journeyman-pepper", Problem: gone}
	aboutKey := "spec.transport.segment.secretRef (Secret write-key, key journeyman-secret): " + gone
	aboutPepper := "EventStore main spec.privacy.pepperSecretRef (Secret pepper, key journeyman-pepper): " + gone
	refused := storewatch.Traffic{Rejected: 2}
	before := &metav1.Condition{Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonSecretNotFound, Message: "as before"}
	es := &v1alpha1.EventStore{ObjectMeta: metav1.ObjectMeta{Name: "main"}, Spec: v1alpha1.EventStoreSpec{
		Privacy: &v1alpha1.PrivacyPolicy{PepperSecretRef: &v1alpha1.SecretKeyReference{Name: "pepper"}},
	}}
	for name, tt := range map[string]struct {
		reports []store.Report
		traffic storewatch.Traffic
		was     *metav1.Condition
		want    string
	}{
		"missing, without any event":      {[]store.Report{report("a", key)}, storewatch.Traffic{}, nil, aboutKey},
		"everything exists":               {[]store.Report{report("a")}, storewatch.Traffic{}, nil, ""},
		"created, without an event since": {[]store.Report{report("a"), report("b")}, storewatch.Traffic{}, before, ""},
		"created after the last refusal":  {[]store.Report{report("a")}, refused, before, ""},
		"one of two pods has loaded it":   {[]store.Report{report("a"), report("b", key)}, storewatch.Traffic{}, before, aboutKey},
		"deleted after the last event":    {[]store.Report{report("a", key)}, storewatch.Traffic{Accepted: 9}, nil, aboutKey},
		"two pods report the same":        {[]store.Report{report("a", key), report("b", key)}, storewatch.Traffic{}, nil, aboutKey},
		"the pepper":                      {[]store.Report{report("a", pepper)}, storewatch.Traffic{}, nil, aboutPepper},
		"the certificate": {[]store.Report{report("a", store.MissingSecret{For: store.SecretForTLS, Name: "journeyman-tls", Key: "tls.crt", Problem: gone})},
			storewatch.Traffic{}, nil, "spec.tls.secretRef (Secret journeyman-tls, key tls.crt): " + gone},
		"both, in a fixed order":  {[]store.Report{report("a", key, pepper)}, storewatch.Traffic{}, nil, aboutPepper + "; " + aboutKey},
		"both, by different pods": {[]store.Report{report("a", key), report("b", pepper)}, storewatch.Traffic{}, nil, aboutPepper + "; " + aboutKey},
	} {
		t.Run(name, func(t *testing.T) {
			look := heard(time.Time{}, noon)
			look.Reports, look.Traffic = tt.reports, tt.traffic
			v, got := secretMissing(source("", noon), es, look, tt.was)
			require.Equal(t, tt.want != "", got)
			if got {
				require.Equal(t, metav1.ConditionFalse, v.Status)
				require.Equal(t, v1alpha1.ReasonSecretNotFound, v.Reason)
				require.Equal(t, "Requests are refused. "+tt.want+". The pods use a Secret as soon as it exists; you need not restart them.", v.Message)
			}
		})
	}
}

// A store that has just restarted has no reports, which does not mean that a Secret is missing.
func TestSecretWithoutReports(t *testing.T) {
	look := heard(time.Time{}, noon)
	look.Traffic = storewatch.Traffic{Rejected: 2}
	before := &metav1.Condition{Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonSecretNotFound, Message: "as before"}
	v, missing := secretMissing(source("", noon), nil, look, before)
	require.True(t, missing)
	require.Equal(t, before.Message, v.Message)
	for _, was := range []*metav1.Condition{nil, {Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonServing}} {
		_, missing = secretMissing(source("", noon), nil, look, was)
		require.False(t, missing)
	}
}

// What a source needs to read is in Secrets and ConfigMaps, each with a field of its own.
func TestWhatReadersMiss(t *testing.T) {
	earlier := reader()
	earlier.Spec.Transport.Kafka.TLS = nil
	webhook := source("1h", noon)
	webhook.Spec.Transport = v1alpha1.Transport{Webhook: &v1alpha1.WebhookTransport{SecretRef: &v1alpha1.SecretKeyReference{Name: "shop"}}}
	const again = " as soon as it exists; you need not restart them."
	for name, c := range map[string]struct {
		source    *v1alpha1.TouchpointSource
		name, key string
		problem   string
		want      string
	}{
		"the password": {reader(), "kafka", "journeyman-secret", "gone",
			"Nothing is read. spec.transport.kafka.sasl.passwordSecretRef (Secret kafka, key journeyman-secret): gone. The pods use a Secret" + again},
		"the authorities": {reader(), "kafka-ca", "ca.crt", "the ConfigMap or its key is missing or empty",
			"Nothing is read. spec.transport.kafka.tls.caConfigMapRef (ConfigMap kafka-ca, key ca.crt): the ConfigMap or its key is missing or empty. " +
				"The pods use a Secret or ConfigMap" + again},
		"the key of the certificate": {reader(), "kafka-client", "tls.key", "gone",
			"Nothing is read. spec.transport.kafka.tls.certificateSecretRef (Secret kafka-client, key tls.key): gone. The pods use a Secret" + again},
		"of an earlier spec": {earlier, "kafka-ca", "ca.crt", "the ConfigMap or its key is missing or empty",
			"Nothing is read. The pods still have an earlier spec (kafka-ca, key ca.crt): the ConfigMap or its key is missing or empty. The pods use a Secret" + again},
		"of follow-up reads": {webhook, "shop", "journeyman-api-key", "gone",
			"Requests are refused. spec.transport.webhook.secretRef (Secret shop, key journeyman-api-key): gone. The pods use a Secret" + again},
	} {
		t.Run(name, func(t *testing.T) {
			look := heard(noon, noon)
			look.Reports = []store.Report{{Missing: []store.MissingSecret{{For: store.SecretForReading, Name: c.name, Key: c.key, Problem: c.problem}}}}
			v, missing := secretMissing(c.source, nil, look, nil)
			require.True(t, missing)
			require.Equal(t, c.want, v.Message)
		})
	}
}
