// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis"
	"github.com/journeyman-dev/journeyman/internal/analysis/publish"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

var updateGolden = flag.Bool("update", false, "update the golden files")

// described are the objects of the golden files, with their short names.
var described = []string{"es/default", "tps/web", "jm/checkout", "mr/kpis"}

var _ = Describe("kubectl describe and kubectl get", suite.Fast, suite.Versions, func() {
	// Compares the output of kubectl describe and kubectl get with golden files: for new objects, and for objects with results. Only the pods are
	// simulated. API server, kubectl, operator and the code of the analysis job are real.
	It("print the objects as in the golden files", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.start()
		w.createAll("testdata/describe/shop.yaml")
		web, es := &v1alpha1.TouchpointSource{}, &v1alpha1.EventStore{}
		jm, mr := awaitReady(w, "checkout", &v1alpha1.JourneyMap{}), awaitReady(w, "kpis", &v1alpha1.MetricReport{})
		eventually(w, "web", web, "known counters", func(s *v1alpha1.TouchpointSource) bool { return s.Status.Accepted != nil })
		awaitCondition(w, "web", web, v1alpha1.ConditionIngestionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
		w.quiet(2 * time.Second)
		w.golden("new")

		w.sendShop()
		eventually(w, "web", web, "all accepted", func(s *v1alpha1.TouchpointSource) bool { return ptr.Deref(s.Status.Accepted, 0) == 19 })
		eventually(w, "default", es, "all stored", func(s *v1alpha1.EventStore) bool { return ptr.Deref(s.Status.Events, 0) == 19 })
		w.runJob("checkout-map")
		awaitCondition(w, "checkout", jm, v1alpha1.ConditionDropOffDetected, metav1.ConditionTrue, v1alpha1.ReasonDropOffAboveLimit)
		w.runJob("kpis-report")
		awaitCondition(w, "kpis", mr, v1alpha1.ConditionTargetsMet, metav1.ConditionFalse, v1alpha1.ReasonTargetsMissed)
		w.quiet(2 * time.Second)
		w.golden("results")
	})
})

// createAll creates the objects of a file.
func (w *world) createAll(path string) {
	GinkgoHelper()
	text, err := os.ReadFile(path)
	Expect(err).NotTo(HaveOccurred())
	for _, document := range strings.Split(string(text), "\n---\n") {
		u := &unstructured.Unstructured{}
		Expect(yaml.Unmarshal([]byte(document), &u.Object)).To(Succeed())
		w.create(u)
	}
}

// sendShop appends a month of events of a small shop. Of eight customers whose window has ended, seven fill a cart and two buy. One customer is in
// progress, and one entered in the previous period.
func (w *world) sendShop() {
	GinkgoHelper()
	b := store.Batch{Source: "web"}
	add := func(customer int, name string, at time.Time) {
		e := event.Event{
			ID: fmt.Sprint(customer, name), Source: "web", Channel: "web", Name: name, Time: at.UnixMicro(), ReceivedAt: at.UnixMicro(),
			Identities: []event.Identity{{Type: "customerId", Value: fmt.Sprint(customer)}},
		}
		if name == "Order Completed" {
			e.OrderID, e.Amount, e.Currency = fmt.Sprint(customer), 25*event.MicroUnits, "EUR"
		}
		b.Events = append(b.Events, e)
	}
	day := func(n int) time.Time { return time.Date(2026, 5, n, 9, 0, 0, 0, time.UTC) }
	for i := range 8 {
		add(i, "Product Viewed", day(4+i))
		if i > 0 {
			add(i, "Product Added", day(4+i).Add(20*time.Minute))
		}
		if i > 5 {
			add(i, "Order Completed", day(6+i))
		}
	}
	add(8, "Product Viewed", day(28))
	add(9, "Product Viewed", day(-40))
	b.Counters.Accepted = int64(len(b.Events))
	_, err := w.stores.Of(w.key("default")).Append(w.ctx, b)
	Expect(err).NotTo(HaveOccurred())
}

// runJob runs the analysis job of an object with the document that the operator wrote.
func (w *world) runJob(name string) {
	GinkgoHelper()
	Expect(w.tryJob(name)).To(Succeed())
}

// tryJob is runJob for a job that can fail.
func (w *world) tryJob(name string) error {
	GinkgoHelper()
	c := get(w, name, &corev1.ConfigMap{})
	raw, err := podconfig.Unpack(podconfig.Packed{Text: c.Data[podconfig.File], Binary: c.BinaryData[podconfig.PackedFile]})
	Expect(err).NotTo(HaveOccurred())
	doc := &podconfig.Analysis{}
	Expect(json.Unmarshal(raw, doc)).To(Succeed())
	objects, err := dynamic.NewForConfig(restConfig)
	Expect(err).NotTo(HaveOccurred())
	run := &analysis.Run{
		Document: doc, Scheduled: time.Now().Truncate(time.Second), Job: name + "-1", Store: w.stores.Of(w.key("default")), Now: time.Now,
		Log: slog.New(slog.DiscardHandler),
	}
	run.Writer = publish.NewStatusWriter(objects, doc, run.Scheduled)
	return run.Execute(w.ctx)
}

// golden compares the output of kubectl with the golden files of a moment.
func (w *world) golden(moment string) {
	GinkgoHelper()
	user := suite.As(restConfig, "reader", "system:masters")
	for _, object := range described {
		out, err := user.Kubectl(w.ctx, "describe", "-n", w.namespace, object)
		Expect(err).NotTo(HaveOccurred(), "%s", out)
		file := strings.ReplaceAll(object, "/", "-") + "-" + moment + ".txt"
		text := w.steady(out)
		w.same(file, text)
		if moment == "results" {
			w.page(object, text)
		}
	}
	out, err := user.Kubectl(w.ctx, "get", "-n", w.namespace, "-o", "wide", "es,tps,jm,mr")
	Expect(err).NotTo(HaveOccurred(), "%s", out)
	w.same("get-"+moment+".txt", w.steady(out))
}

// same compares a text with a golden file, or updates the file.
func (w *world) same(file, got string) {
	GinkgoHelper()
	path := filepath.Join("testdata", "describe", file)
	if *updateGolden {
		Expect(os.WriteFile(path, []byte(got), 0o600)).To(Succeed())
		return
	}
	want, err := os.ReadFile(path)
	Expect(err).NotTo(HaveOccurred())
	Expect(got).To(Equal(string(want)), "%s; go test ./test/operator -ginkgo.focus=describe -update updates it", file)
}

// pages are the pages of the docs that show the described objects.
var pages = map[string]string{"es": "eventstore", "tps": "touchpointsource", "jm": "journeymap", "mr": "metricreport"}

// page compares the status in a description with the one in the docs, or updates the docs.
func (w *world) page(object, description string) {
	GinkgoHelper()
	kind, name, _ := strings.Cut(object, "/")
	path := filepath.Join("..", "..", "docs", "kinds", pages[kind]+".md")
	raw, err := os.ReadFile(path)
	Expect(err).NotTo(HaveOccurred())
	command := "$ kubectl describe " + kind + " " + name + "\n"
	before, rest, found := strings.Cut(string(raw), command)
	Expect(found).To(BeTrue(), "%s shows no description", path)
	_, after, _ := strings.Cut(rest, "```")
	status := description[strings.Index(description, "\nStatus:")+1:]
	want := before + command + "…\n" + status + "```" + after
	if *updateGolden {
		Expect(os.WriteFile(path, []byte(want), 0o600)).To(Succeed())
		return
	}
	Expect(string(raw)).To(Equal(want), "%s; go test ./test/operator -ginkgo.focus=describe -update updates it", path)
}

// Texts that differ in each run: times, generated values, and the namespace.
var (
	clocks = regexp.MustCompile(`(?m)^(\s*(?:Creation Timestamp|Last Transition Time|Start Time|Completion Time|Scheduled Time|Time|Review Due|Counters Time):\s+)\S+`)
	drawn  = regexp.MustCompile(`(?m)^(\s*(?:UID|Resource Version|Store ID|Map Hash|Sources Hash):\s+)\S+`)
	ages   = regexp.MustCompile(`(?m)(?:<invalid>|\b(?:\d+[smhdy])+)(  +|$)`)
	rows   = regexp.MustCompile(`  +`)
)

// steady returns a text without what differs in each run, and without Events, whose number varies.
func (w *world) steady(text string) string {
	text, _, _ = strings.Cut(text, "\nEvents:")
	text = strings.ReplaceAll(text, w.namespace, "shop")
	text = clocks.ReplaceAllString(text, "${1}TIME")
	text = drawn.ReplaceAllString(text, "${1}DRAWN")
	if strings.HasPrefix(text, "NAME ") { // kubectl get: the widths of columns depend on ages
		text = ages.ReplaceAllString(text, "AGE$1")
		text = rows.ReplaceAllString(text, "   ")
	}
	var lines []string
	for _, line := range strings.Split(text, "\n") {
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
}
