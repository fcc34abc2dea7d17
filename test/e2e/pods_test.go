// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/journeyman-dev/journeyman/internal/podconfig"
)

// ingestPod is a pod of a source. The machine of the one-node cluster can reach it by its IP, without the Service.
type ingestPod struct{ uid, ip string }

// sender returns a sender that sends only to this pod.
func (p ingestPod) sender(key string) segment {
	return segment{url: fmt.Sprintf("http://%s:%d", p.ip, podconfig.IngestPort), writeKey: key}
}

// ingestPods returns the ready pods of a source in a fixed order. It waits until there are as many as wanted.
func (tm *team) ingestPods(source string, wanted int) (out []ingestPod) {
	GinkgoHelper()
	tm.eventually(fmt.Sprintf("%d ready pods of %s", wanted, source), func() error {
		out = nil
		for _, p := range tm.pods(map[string]string{"app.kubernetes.io/component": "ingest", "app.kubernetes.io/instance": source}) {
			if p.DeletionTimestamp == nil && ready(&p) {
				out = append(out, ingestPod{uid: string(p.UID), ip: p.Status.PodIP})
			}
		}
		if len(out) != wanted {
			return fmt.Errorf("%d pods are ready", len(out))
		}
		return nil
	})
	slices.SortFunc(out, func(a, b ingestPod) int { return cmp.Compare(a.uid, b.uid) })
	return out
}

func ready(p *corev1.Pod) bool {
	return slices.ContainsFunc(p.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}

func uidsOf(pods []ingestPod) (out []string) {
	for _, p := range pods {
		out = append(out, p.uid)
	}
	return out
}

// podCounters are the counters of a pod since it started.
type podCounters struct{ accepted, duplicates int64 }

var (
	acceptedEvents  = regexp.MustCompile(`(?m)^journeyman_ingest_events_total\{result="accepted"\} (\S+)$`)
	duplicateEvents = regexp.MustCompile(`(?m)^journeyman_ingest_duplicate_events_total (\S+)$`)
)

// podCounters reads the metrics of a pod. A missing series counts as 0.
func (tm *team) podCounters(p ingestPod) (c podCounters) {
	GinkgoHelper()
	res, err := http.Get(fmt.Sprintf("http://%s:%d/metrics", p.ip, podconfig.MetricsPort))
	Expect(err).NotTo(HaveOccurred())
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	Expect(err).NotTo(HaveOccurred())
	Expect(string(text)).To(ContainSubstring("journeyman_ingest_"), "the metrics of an ingestion pod")
	for series, to := range map[*regexp.Regexp]*int64{acceptedEvents: &c.accepted, duplicateEvents: &c.duplicates} {
		if v, err := gauge(series, text); err == nil {
			*to = int64(v)
		}
	}
	return c
}
