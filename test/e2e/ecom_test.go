// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// The data set is a web shop's clickstream with a published closed funnel (retentioneering-tools, notebooks/api_showcase.ipynb, cell 40): catalog
// 600, add_to_cart 511, cart 431, purchase 225, without a time limit.
var publishedFunnel = []int64{600, 511, 431, 225}

// visit is one row of the data set.
type visit struct {
	user, session, event, platform string
	time                           time.Time
}

func ecomVisits() []visit {
	shared := os.Getenv("JOURNEYMAN_SHARED")
	if shared == "" {
		shared = filepath.Join(root, "..", "shared")
	}
	f, err := os.Open(filepath.Join(shared, "datasets", "ecom-retentioneering", "ecom.csv.gz"))
	if os.IsNotExist(err) {
		Skip("the data set ecom-retentioneering is not here: set JOURNEYMAN_SHARED to the folder that has datasets/")
	}
	Expect(err).NotTo(HaveOccurred())
	defer func() { _ = f.Close() }()
	unzipped, err := gzip.NewReader(f)
	Expect(err).NotTo(HaveOccurred())
	rows, err := csv.NewReader(unzipped).ReadAll()
	Expect(err).NotTo(HaveOccurred())
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	visits := make([]visit, 0, len(rows))
	for _, row := range rows[1:] {
		at, err := time.Parse("2006-01-02 15:04:05", row[column["timestamp"]])
		Expect(err).NotTo(HaveOccurred())
		visits = append(visits, visit{
			user: row[column["user_id"]], session: row[column["session_id"]], event: row[column["event"]],
			platform: row[column["platform"]], time: at,
		})
	}
	Expect(visits).To(HaveLen(31106))
	return visits
}

// track returns the message of row i, as of a known customer.
func (v visit) track(i int) message {
	return message{
		"type": "track", "messageId": fmt.Sprintf("row-%d", i), "userId": v.user, "event": v.event,
		"timestamp":  v.time.Format(time.RFC3339),
		"properties": message{"platform": v.platform, "session_id": v.session},
	}
}

// webKey, webStore and webSource are the Secret, the store and the source of most specs.
const webKey = `
apiVersion: v1
kind: Secret
metadata: {name: web-key}
stringData: {journeyman-secret: e2e-write-key}
---`

const webStore = `
apiVersion: journeyman.dev/v1alpha1
kind: EventStore
metadata: {name: default}
spec:
  backend: {embedded: {storage: {size: 1Gi}}}
---`

const webSource = `
apiVersion: journeyman.dev/v1alpha1
kind: TouchpointSource
metadata: {name: web}
spec:
  storeRef: {name: default}
  channel: web
  transport: {segment: {secretRef: {name: web-key}}}
  limits: {maxEventsPerSecond: 100000}
  scaling: {minReplicas: 2}
`

const ecomSource = webKey + webStore + webSource

const ecomMap = `
apiVersion: journeyman.dev/v1alpha1
kind: JourneyMap
metadata: {name: ecom}
spec:
  storeRef: {name: default}
  sources: [{name: web}]
  stages:
  - {name: catalog, touchpoints: [{name: catalog, match: [{event: catalog}]}]}
  - {name: add-to-cart, touchpoints: [{name: add-to-cart, match: [{event: add_to_cart}]}]}
  - {name: cart, touchpoints: [{name: cart, match: [{event: cart}]}]}
  - {name: purchase, touchpoints: [{name: purchase, match: [{event: purchase}]}]}
  progression: {order: Ordered, window: 200d}
  analysis:
    every: 1d
    range: {from: "2024-01-01T00:00:00Z", to: "2024-07-01T00:00:00Z"}
    asOf: "2025-02-01T00:00:00Z"
`

var _ = Describe("A published funnel", suite.Slow, func() {
	It("is the funnel in the status of a map after the events were replayed through the Segment endpoint", func(ctx SpecContext) {
		visits := ecomVisits()
		tm := newTeam(ctx)
		tm.apply(ecomSource)
		tm.condition("tps", "web", v1alpha1.ConditionIngestionAvailable, "True")
		messages := make([]message, 0, len(visits))
		for i, v := range visits {
			messages = append(messages, v.track(i))
		}
		s := segment{url: tm.serviceURL("web-ingest"), writeKey: "e2e-write-key"}
		Expect(s.sendAll(messages, 500, time.Now())).To(Succeed())
		tm.apply(ecomMap)
		tm.requireFunnel("ecom", publishedFunnel)
		tm.requireKubectlGet("ecom", "600", "37.5%", "cart", "47.8%")
		tm.requireWho("ecom", publishedFunnel)
	})

	// The same events of anonymous customers. Each session has an anonymous id and is identified after all events. Some people share a tablet, and the
	// device of a till is on every purchase. 5 % of the events are redelivered: after a flush, in other batches, with another sentAt and an additional
	// identity, and to the other pod.
	// takes longest, so it starts first
	It("is the same for anonymous customers who are identified later, with redelivered events", SpecPriority(1), func(ctx SpecContext) {
		visits := ecomVisits()
		tm := newTeam(ctx)
		tm.apply(ecomSource)
		tm.condition("tps", "web", v1alpha1.ConditionIngestionAvailable, "True")
		messages, late := anonymousMessages(visits)
		pods := tm.ingestPods("web", 2)
		first, other := pods[0].sender("e2e-write-key"), pods[1].sender("e2e-write-key")
		service := segment{url: tm.serviceURL("web-ingest"), writeKey: "e2e-write-key"}
		sent := time.Now()
		Expect(first.sendAll(messages, 300, sent)).To(Succeed())
		Expect(tm.podCounters(pods[0]).accepted).To(BeNumerically(">=", int64(len(messages))), "all of them went through the first pod")
		Expect(tm.podCounters(pods[1]).accepted).To(BeZero(), "and none through the other")
		Expect(service.sendAll(late, 300, sent)).To(Succeed())
		tm.compact("default")
		again := redelivered(messages)
		before := tm.podCounters(pods[1])
		Expect(other.sendAll(again, 170, sent.Add(time.Hour))).To(Succeed())
		after := tm.podCounters(pods[1])
		Expect(after.accepted-before.accepted).To(BeNumerically(">=", int64(len(again))), "all of these went through the other pod")
		Expect(after.duplicates-before.duplicates).To(BeNumerically(">=", int64(len(again))), "the store has known every one of them")
		Expect(uidsOf(tm.ingestPods("web", 2))).To(Equal([]string{pods[0].uid, pods[1].uid}), "the two pods are still those")
		tm.apply(ecomMap)
		tm.requireFunnel("ecom", publishedFunnel)
	})
})

// requireWho requires that the plugin lists as many customers of the ecom map as the funnel has, for each stage and for those who dropped off after
// it.
func (tm *team) requireWho(name string, funnel []int64) {
	stages := []string{"catalog", "add-to-cart", "cart", "purchase"}
	for i, want := range funnel {
		reached := tm.who(name, stages[i])
		Expect(reached).To(HaveLen(int(want)), "who reached %s", stages[i])
		if i+1 == len(funnel) {
			break
		}
		lost := tm.who(name, stages[i], "--dropped")
		Expect(lost).To(HaveLen(int(want-funnel[i+1])), "who was lost after %s", stages[i])
		for customer := range lost {
			Expect(reached).To(HaveKey(customer))
		}
	}
}

// who returns the identities of the customers in a list of the plugin.
func (tm *team) who(name, stage string, flags ...string) map[string]bool {
	out := suite.Kubectl(tm.ctx, append([]string{"journey", "who", name, "-n", tm.namespace, "--stage", stage, "-o", "json"}, flags...)...)
	customers := map[string]bool{}
	for _, line := range strings.Split(strings.TrimSpace(out), "\n") {
		var c struct {
			Identities []string `json:"identities"`
		}
		Expect(json.Unmarshal([]byte(line), &c)).To(Succeed(), "%v", line)
		customers[strings.Join(c.Identities, " ")] = true
	}
	return customers
}

// anonymousMessages returns every event with its session as anonymous id, and the identify calls that follow all events.
func anonymousMessages(visits []visit) (events, identifies []message) {
	seen := map[string]bool{}
	for i, v := range visits {
		m := v.track(i)
		delete(m, "userId")
		m["anonymousId"] = v.session
		if v.event == "purchase" { // the device of the till is on all sales, so it is a hub
			m["userId"] = v.user
			m["context"] = message{"device": message{"id": "till-1"}}
		}
		events = append(events, m)
		if seen[v.session] {
			continue
		}
		seen[v.session] = true
		identify := message{
			"type": "identify", "messageId": "identify-" + v.session, "userId": v.user, "anonymousId": v.session,
			"timestamp": v.time.Format(time.RFC3339),
		}
		if len(seen)%7 == 0 { // a tablet that many people share
			identify["context"] = message{"device": message{"id": "tablet-1"}}
		}
		identifies = append(identifies, identify)
	}
	return events, identifies
}

// redelivered returns 5 % of the messages, in another order and each with an additional identity.
func redelivered(messages []message) []message {
	rng := rand.New(rand.NewPCG(5, 5))
	var again []message
	for i, m := range messages {
		if rng.IntN(20) != 0 {
			continue
		}
		more := message{}
		for k, v := range m {
			more[k] = v
		}
		more["context"] = message{"device": message{"id": fmt.Sprintf("phone-%d", i)}}
		again = append(again, more)
	}
	rng.Shuffle(len(again), func(i, j int) { again[i], again[j] = again[j], again[i] })
	return again
}
