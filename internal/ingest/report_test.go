// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// awaitReport polls the store, like the operator, until it has this report of the pod.
func (p *process) awaitReport(t *testing.T, what string, missing ...store.MissingSecret) {
	t.Helper()
	p.awaitReports(t, what, store.Report{Source: "web", Pod: "web-ingest-1", Generation: 1, Missing: missing})
	state, err := p.server.Client(t, p.server.ScanKey).State(t.Context())
	require.NoError(t, err)
	require.Zero(t, state.Health.Seq, "a report writes nothing")
}

func (p *process) awaitReports(t *testing.T, what string, want ...store.Report) {
	t.Helper()
	operator := p.server.Client(t, p.server.ScanKey)
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		state, err := operator.State(t.Context())
		require.NoError(c, err)
		require.Equal(c, want, state.Reports)
	}, waitFor, poll, what)
}

// A pod reports missing Secrets, and that they exist again, to the store without any request.
func TestPodReportsMissingSecrets(t *testing.T) {
	p := startProcess(t)
	p.awaitReport(t, "all is well")

	require.NoError(t, os.Remove(filepath.Join(p.dir, v1alpha1.DefaultSecretKey)))
	sender := store.MissingSecret{
		For: store.SecretForSenders, Name: "keys", Key: v1alpha1.DefaultSecretKey, Problem: "the Secret or its key is missing or empty",
	}
	p.awaitReport(t, "the Secret is gone", sender)

	var c podconfig.Ingest
	raw, err := os.ReadFile(filepath.Join(p.dir, podconfig.File))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &c))
	c.Privacy = &v1alpha1.PrivacyPolicy{Hash: []v1alpha1.IdentityType{"email"}, PepperSecretRef: &v1alpha1.SecretKeyReference{Name: "pepper"}}
	raw, err = json.Marshal(c)
	require.NoError(t, err)
	p.write(t, podconfig.File, string(raw))
	pepper := store.MissingSecret{
		For: store.SecretForHashing, Name: "pepper", Key: v1alpha1.DefaultPepperKey, Problem: "the Secret or its key is missing or empty",
	}
	p.awaitReport(t, "the pepper too", sender, pepper)

	p.write(t, v1alpha1.DefaultSecretKey, "new-write-key")
	p.awaitReport(t, "the Secret has come", pepper)
	p.write(t, v1alpha1.DefaultPepperKey, "salt of the earth")
	p.awaitReport(t, "and the pepper")
	p.write(t, v1alpha1.DefaultSecretKey, "newer-write-key\nnew-write-key")
	p.awaitReport(t, "a rotated Secret is none that is missing")

	p.stop()
	require.NoError(t, <-p.done)
	state, err := p.server.Client(t, p.server.ScanKey).State(t.Context())
	require.NoError(t, err)
	require.Empty(t, state.Reports, "a pod that ends takes its report back")
}

// A pod reports its generation of the source, and whether it is suspended.
func TestPodReportsItsGeneration(t *testing.T) {
	p := startProcess(t)
	said := store.Report{Source: "web", Pod: "web-ingest-1", Generation: 1}
	p.awaitReports(t, "the first spec", said)
	var c podconfig.Ingest
	raw, err := os.ReadFile(filepath.Join(p.dir, podconfig.File))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &c))
	for _, suspended := range []bool{true, false} {
		c.Generation++
		c.Source.Suspend = &suspended
		raw, err = json.Marshal(c)
		require.NoError(t, err)
		p.write(t, podconfig.File, string(raw))
		said.Generation, said.Suspended = c.Generation, suspended
		p.awaitReports(t, "the next spec", said)
		want := http.StatusOK
		if suspended {
			want = http.StatusServiceUnavailable
		}
		require.Equal(t, want, p.track("m-"+strconv.FormatInt(c.Generation, 10), "test-write-key"), "what was reported holds")
	}
}

// A pod that has begun to read says so within seconds, and not with the next of its periodical reports.
func TestPodReportsSoonThatItReads(t *testing.T) {
	brokers, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "orders"))
	require.NoError(t, err)
	t.Cleanup(brokers.Close)
	p := startProcess(t)
	p.awaitReport(t, "it serves")
	c := p.config
	c.Generation++
	c.Source.Transport = v1alpha1.Transport{Kafka: &v1alpha1.KafkaTransport{
		Brokers: []v1alpha1.BrokerAddress{v1alpha1.BrokerAddress(brokers.ListenAddrs()[0])}, Topics: []v1alpha1.KafkaTopic{"orders"}, Format: v1alpha1.MessagesCloudEvents,
	}}
	c.EgressPermitted = []string{"127.0.0.0/8"}
	c.Source.Egress = &v1alpha1.SourceEgress{CIDRs: c.EgressPermitted}
	raw, err := json.Marshal(c)
	require.NoError(t, err)
	p.write(t, podconfig.File, string(raw))
	operator := p.server.Client(t, p.server.ScanKey)
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		state, err := operator.State(t.Context())
		require.NoError(c, err)
		require.Len(c, state.Reports, 1)
		require.NotNil(c, state.Reports[0].Pull)
		require.Equal(c, 1, state.Reports[0].Pull.Partitions)
	}, waitFor, poll)
	_, metrics := get(t, p.metrics+"/metrics")
	require.Contains(t, metrics, "journeyman_ingest_reader_partitions 1\n")
}

// An unusable Secret is reported like a missing one. The report says why, without its content.
func TestUnusableSecretIsReportedWithoutItsContent(t *testing.T) {
	spec := v1alpha1.TouchpointSourceSpec{Transport: v1alpha1.Transport{Webhook: &v1alpha1.WebhookTransport{
		SecretRef: &v1alpha1.SecretKeyReference{Name: "hmac", Key: "journeyman-hex"},
		HMAC:      &v1alpha1.HMACRecipe{Header: "X-Signature", KeyEncoding: "Hex"},
	}}}
	p := newPod(t, spec, "")
	p.write("journeyman-hex", "hunter2 is no hex")
	p.reloader.Reload()
	missing := p.server.Current().Missing
	require.Len(t, missing, 1)
	require.Equal(t, "hmac", missing[0].Name)
	require.Equal(t, "journeyman-hex", missing[0].Key)
	require.NotEmpty(t, missing[0].Problem)
	require.NotContains(t, missing[0].Problem, "hunter2")
	p.write("journeyman-hex", "cafe")
	p.reloader.Reload()
	require.Empty(t, p.server.Current().Missing)
}

// Without the token of a handshake, events are accepted and only the sender's test fails. The pod says why.
func TestMissingTokenOfAHandshakeIsReported(t *testing.T) {
	spec := v1alpha1.TouchpointSourceSpec{Transport: v1alpha1.Transport{Webhook: &v1alpha1.WebhookTransport{
		SecretRef: &v1alpha1.SecretKeyReference{Name: "keys"}, HMAC: &v1alpha1.HMACRecipe{Header: "X-Signature"},
		Handshake: &v1alpha1.WebhookHandshake{Challenge: &v1alpha1.ChallengeHandshake{Parameter: "challenge", TokenParameter: "token"}},
	}}}
	p := newPod(t, spec, "key")
	require.Equal(t, []store.MissingSecret{{
		For: store.SecretForHandshake, Name: "keys", Key: v1alpha1.DefaultTokenKey, Problem: "the Secret or its key is missing or empty",
	}}, p.server.Current().Missing)
	require.Equal(t, 403, p.send("GET", "/?challenge=c&token=word", "").Code)
	p.write(v1alpha1.DefaultTokenKey, "word")
	p.reloader.Reload()
	require.Empty(t, p.server.Current().Missing)
	require.Equal(t, 200, p.send("GET", "/?challenge=c&token=word", "").Code)
}
