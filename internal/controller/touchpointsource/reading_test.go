// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package touchpointsource

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/storewatch"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// reader returns a source that reads.
func reader() *v1alpha1.TouchpointSource {
	s := source("1h", noon)
	s.Spec.Transport = v1alpha1.Transport{Kafka: &v1alpha1.KafkaTransport{
		TLS: &v1alpha1.ClientTLS{
			CAConfigMapRef:       &v1alpha1.ConfigMapKeyReference{Name: "kafka-ca"},
			CertificateSecretRef: &v1alpha1.CertificateReference{Name: "kafka-client"},
		},
		SASL: &v1alpha1.KafkaSASL{PasswordSecretRef: v1alpha1.SecretKeyReference{Name: "kafka"}},
	}}
	return s
}

// podsReport returns the reports of pods.
func podsReport(pods ...store.PullReport) []store.Report {
	var out []store.Report
	for k := range pods {
		out = append(out, store.Report{Pod: string(rune('a' + k)), Pull: &pods[k]})
	}
	return out
}

// Reports of pods at noon.
var (
	reads    = store.PullReport{Partitions: 2}
	connects = store.PullReport{}
	refused  = store.PullReport{Reason: pull.Unauthorized, Message: "the brokers refuse user name or password", ProblemSince: noon.UnixMicro()}
	waits    = store.PullReport{Partitions: 2, Reason: pull.StoreUnavailable, Message: "413 Request Entity Too Large", ProblemSince: noon.UnixMicro()}
	gap      = store.PullReport{Partitions: 2, Gap: "partition 3 of topic orders: the brokers removed offsets 5 to 9 before they were read"}
)

func was(is metav1.ConditionStatus, reason string) *metav1.Condition {
	return &metav1.Condition{Status: is, Reason: reason, Message: "as before", LastTransitionTime: metav1.NewTime(noon.Add(-time.Hour))}
}

func TestASourceThatReads(t *testing.T) {
	const (
		is, isNot, unknown = metav1.ConditionTrue, metav1.ConditionFalse, metav1.ConditionUnknown
		young, old         = time.Minute, 2 * time.Minute
		serving            = v1alpha1.ReasonServing
		unreadable         = v1alpha1.ReasonSourceUnreadable
		away               = v1alpha1.ReasonStoreUnavailable
		missed             = v1alpha1.ReasonDocumentsMissed
		crowded            = v1alpha1.ReasonNewIdentitiesRefused
		starting           = v1alpha1.ReasonStarting
	)
	served := was(is, serving)
	due := noon.Add(outage)
	full := storewatch.Traffic{Waiting: 3}
	few := storewatch.Traffic{Accepted: 960, Waiting: 40}
	for name, c := range map[string]struct {
		pods    []store.PullReport
		after   time.Duration
		was     *metav1.Condition
		traffic storewatch.Traffic
		status  metav1.ConditionStatus
		reason  string
		message string
		again   time.Time
	}{
		"it reads":                          {[]store.PullReport{reads}, young, served, storewatch.Traffic{}, is, serving, "The pods run.", time.Time{}},
		"a short problem":                   {[]store.PullReport{refused}, young, served, storewatch.Traffic{}, is, serving, "The pods run.", due},
		"a long problem":                    {[]store.PullReport{refused}, old, served, storewatch.Traffic{}, isNot, unreadable, "Unauthorized since 2026-11-02T12:00:00Z: the brokers refuse user name or password.", time.Time{}},
		"another short problem":             {[]store.PullReport{refused}, young, was(isNot, unreadable), storewatch.Traffic{}, isNot, unreadable, "Unauthorized since", time.Time{}},
		"a rollout does not end":            {[]store.PullReport{connects}, old, was(isNot, unreadable), storewatch.Traffic{}, isNot, unreadable, "as before", time.Time{}},
		"the problem has ended":             {[]store.PullReport{reads}, old, was(isNot, unreadable), storewatch.Traffic{}, is, serving, "The pods run.", time.Time{}},
		"no report any more":                {nil, old, was(isNot, unreadable), storewatch.Traffic{}, isNot, unreadable, "as before", time.Time{}},
		"no report, one pod of two was bad": {nil, old, was(is, unreadable), storewatch.Traffic{}, is, unreadable, "as before", time.Time{}},

		"new: no report":            {nil, young, nil, storewatch.Traffic{}, unknown, starting, "The pods run, but have not read yet.", noon.Add(young + startup)},
		"new: it connects":          {[]store.PullReport{connects}, young, was(unknown, starting), storewatch.Traffic{}, unknown, starting, "The pods run, but have not read yet.", noon.Add(startup)},
		"new: a short problem":      {[]store.PullReport{refused}, young, was(unknown, starting), storewatch.Traffic{}, unknown, starting, "not read yet: Unauthorized: the brokers refuse user", due},
		"new: a long problem":       {[]store.PullReport{refused}, old, was(unknown, starting), storewatch.Traffic{}, isNot, unreadable, "Unauthorized since", time.Time{}},
		"new: the store is no help": {[]store.PullReport{waits}, young, was(unknown, starting), storewatch.Traffic{}, unknown, starting, "not read yet: StoreUnavailable: 413", due},
		"new: it reads":             {[]store.PullReport{reads}, young, was(unknown, starting), storewatch.Traffic{}, is, serving, "The pods run.", time.Time{}},
		"new: nothing for it":       {[]store.PullReport{connects}, startup, was(unknown, starting), storewatch.Traffic{}, isNot, unreadable, "after 10 minutes none of them reads a part", time.Time{}},

		"one pod of two, short":         {[]store.PullReport{reads, refused}, young, served, storewatch.Traffic{}, is, serving, "The pods run.", due},
		"one pod of two, long":          {[]store.PullReport{reads, refused}, old, served, storewatch.Traffic{}, is, unreadable, "1 of 2 pods do not read: Unauthorized since 2026-11-02T12:00:00Z: the brokers", time.Time{}},
		"two pods of two":               {[]store.PullReport{refused, refused}, old, served, storewatch.Traffic{}, isNot, unreadable, "Unauthorized since", time.Time{}},
		"the other has nothing to read": {[]store.PullReport{connects, refused}, old, served, storewatch.Traffic{}, isNot, unreadable, "Unauthorized since", time.Time{}},
		"one pod is back":               {[]store.PullReport{reads, refused}, old, was(isNot, unreadable), storewatch.Traffic{}, is, unreadable, "1 of 2 pods", time.Time{}},

		"a store that refuses, short":        {[]store.PullReport{waits}, young, served, storewatch.Traffic{}, is, serving, "The pods run.", due},
		"a store that refuses, long":         {[]store.PullReport{waits}, old, served, storewatch.Traffic{}, isNot, away, "EventStore main has not accepted what they read since 2026-11-02T12:00:00Z: 413", time.Time{}},
		"one pod of two at the store":        {[]store.PullReport{reads, waits}, old, served, storewatch.Traffic{}, is, unreadable, "1 of 2 pods do not read: StoreUnavailable since", time.Time{}},
		"the store answers, pods still wait": {[]store.PullReport{waits}, young, was(isNot, away), storewatch.Traffic{}, isNot, away, "EventStore main has not accepted", time.Time{}},
		"the store answers, no report":       {nil, young, was(isNot, away), storewatch.Traffic{}, isNot, away, "EventStore main answers, but the pods have not reported yet", time.Time{}},
		"the store answers, and it reads":    {[]store.PullReport{reads}, young, was(isNot, away), storewatch.Traffic{}, is, serving, "The pods run.", time.Time{}},

		"a gap":                     {[]store.PullReport{gap}, young, served, storewatch.Traffic{}, is, missed, "The pods read, but documents are missing, because they were removed at the source before they were read: partition 3", time.Time{}},
		"a gap, a short problem":    {[]store.PullReport{gap, refused}, young, was(is, missed), storewatch.Traffic{}, is, missed, "The pods read, but documents are missing", due},
		"a gap, a long problem":     {[]store.PullReport{gap, refused}, old, was(is, missed), storewatch.Traffic{}, is, unreadable, "1 of 2 pods", time.Time{}},
		"a gap, no report any more": {nil, old, was(is, missed), storewatch.Traffic{}, is, missed, "as before", time.Time{}},

		"no memory":                       {[]store.PullReport{waits}, young, served, full, isNot, crowded, "All of the events wait: they have identities that are new to EventStore main, which has no memory for them. A pod with such an event reads nothing further until the store has memory. See", time.Time{}},
		"no memory, after long":           {[]store.PullReport{waits}, old, was(isNot, crowded), full, isNot, crowded, "All of the events wait", time.Time{}},
		"no memory, and a gap":            {[]store.PullReport{gap}, young, served, full, isNot, crowded, "All of the events wait", time.Time{}},
		"no memory, a short problem":      {[]store.PullReport{refused}, young, was(isNot, crowded), full, isNot, crowded, "All of the events wait", time.Time{}},
		"no memory, a long problem":       {[]store.PullReport{refused}, old, was(isNot, crowded), full, isNot, unreadable, "Unauthorized since", time.Time{}},
		"no memory for few":               {[]store.PullReport{reads}, young, served, few, is, crowded, "The pods run. Fewer than 5 % of the events wait:", time.Time{}},
		"no memory for few, one pod long": {[]store.PullReport{reads, waits}, old, was(is, crowded), few, is, unreadable, "1 of 2 pods do not read: StoreUnavailable", time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			now := noon.Add(c.after)
			look := heard(noon, now)
			look.Store.Health = store.Health{Identities: 1000, IdentityLimit: 1000}
			look.Reports, look.Traffic = podsReport(c.pods...), c.traffic
			i := &ingestion{source: reader(), store: pepperedStore(), workload: deployment(2, 2), look: look, was: c.was, now: now}
			v := i.available()
			require.Equal(t, c.reason, v.Reason, v.Message)
			require.Equal(t, c.status, v.Status)
			require.Contains(t, v.Message, c.message)
			require.True(t, c.again.Equal(v.Recheck), "again at %s", v.Recheck)
			slices.Reverse(i.look.Reports)
			require.Equal(t, v, i.available(), "the order of the reports is no news")
		})
	}
}

// No message to the owner of a source that reads is about requests or senders.
func TestSourcesThatReadHaveNoSenders(t *testing.T) {
	up := deployment(1, 1, appsv1.DeploymentCondition{
		Type: appsv1.DeploymentAvailable, Status: corev1.ConditionTrue, LastTransitionTime: metav1.NewTime(noon),
	})
	readOnly := func(why string) storewatch.SourceLook {
		l := heard(noon, noon)
		l.Store.Health.ReadOnly = why
		return l
	}
	silent := heard(noon, noon)
	silent.Silent = noon.Add(-time.Hour)
	suspends, resumed, lacks := heard(noon, noon), heard(noon, noon), heard(noon, noon)
	suspends.Reports = []store.Report{{Pod: "a"}}
	resumed.Reports = []store.Report{{Pod: "a", Suspended: true}}
	lacks.Reports = []store.Report{{Pod: "a", Missing: []store.MissingSecret{{For: store.SecretForReading, Name: "kafka", Key: "journeyman-secret", Problem: "gone"}}}}
	lost := storewatch.SourceLook{Store: storewatch.Look{Err: errors.New("x")}}
	for name, c := range map[string]struct {
		look    storewatch.SourceLook
		suspend bool
		store   *v1alpha1.EventStore
		was     *metav1.Condition
		words   string
	}{
		"suspended":             {heard(noon, noon), true, pepperedStore(), nil, "spec.suspend is set: nothing is read, and what was not read stays at the source."},
		"suspended a while ago": {suspends, true, pepperedStore(), nil, "Pods that have not loaded the change yet still read, for a minute or two."},
		"resumed":               {resumed, false, pepperedStore(), nil, "read nothing until then."},
		"without a store":       {lost, false, nil, was(metav1.ConditionTrue, v1alpha1.ReasonServing), "does not exist: nothing is read"},
		"the store is away":     {lost, false, pepperedStore(), was(metav1.ConditionTrue, v1alpha1.ReasonServing), "The pods run, but EventStore main does not answer: nothing is read"},
		"the store starts":      {lost, false, pepperedStore(), nil, "The pods run; EventStore main is starting"},
		"not asked":             {storewatch.SourceLook{}, false, pepperedStore(), nil, "The pods run; the operator has not contacted"},
		"full":                  {readOnly("full"), false, pepperedStore(), nil, "The pods run, but the volume of EventStore main is full: nothing is read"},
		"read-only":             {readOnly("input/output error"), false, pepperedStore(), nil, "The pods run, but EventStore main is read-only: nothing is read"},
		"cut off":               {silent, false, pepperedStore(), nil, "The pods run, but none of them reaches EventStore main"},
		"a Secret is missing":   {lacks, false, pepperedStore(), nil, "Nothing is read. spec.transport.kafka.sasl.passwordSecretRef (Secret kafka, key journeyman-secret): gone."},
	} {
		t.Run(name, func(t *testing.T) {
			s := reader()
			s.Spec.Suspend = ptr.To(c.suspend)
			i := &ingestion{source: s, store: c.store, workload: up, look: c.look, was: c.was, now: noon.Add(store.ReportTTL)}
			message := i.available().Message
			require.Contains(t, message, c.words)
			for _, word := range []string{"503", "sender", "serve", "request", "accept"} {
				require.NotContains(t, strings.ToLower(message), word)
			}
		})
	}
	calm := (&silence{source: reader(), look: heard(noon, noon), now: noon})
	v, _ := calm.fresh()
	require.Equal(t, "An event was read within the last 1h.", v.Message)
	calm.now, calm.look = noon.Add(time.Hour), heard(noon, noon.Add(time.Hour))
	v, _ = calm.fresh()
	require.Equal(t, "No event was read for longer than 1h. The last one was read at 2026-11-02T12:00:00Z.", v.Message)
	calm.look, calm.receiving = heard(time.Time{}, noon.Add(time.Hour)), noon
	v, _ = calm.fresh()
	require.Equal(t, "No event was ever read, and the source has been able to read for longer than 1h. status.reading.lag says whether there is anything "+
		"to read, and status.rejectReasons what was refused.", v.Message)
	for _, text := range advice(&reader().Spec, &store.SourceState{Duplicates: 900, Counters: store.Counters{Accepted: 900, WithoutID: 1, PlaceholderIDs: 1}}) {
		require.NotContains(t, text, "request")
		require.LessOrEqual(t, len(text), 512)
	}
}
