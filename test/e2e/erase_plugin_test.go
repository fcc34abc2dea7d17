// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// hashedStore hashes e-mail addresses. hashedSource is a trusted source of this store with one pod.
const hashedStore = `
apiVersion: journeyman.dev/v1alpha1
kind: EventStore
metadata: {name: default}
spec:
  backend: {embedded: {storage: {size: 1Gi}}}
  privacy: {hash: [email], pepperSecretRef: {name: pepper}}
---`

const hashedSource = `
apiVersion: journeyman.dev/v1alpha1
kind: TouchpointSource
metadata: {name: web}
spec:
  storeRef: {name: default}
  channel: web
  trust: Trusted
  transport: {segment: {secretRef: {name: web-key}}}
`

// privacyOfficer has only the permissions that docs/store.md requires for erasing.
const privacyOfficer = `
apiVersion: v1
kind: ServiceAccount
metadata: {name: privacy-officer}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: erase-persons}
rules:
- {apiGroups: [""], resources: [services], verbs: [get]}
- {apiGroups: [""], resources: [pods], verbs: [list]}
- {apiGroups: [""], resources: [pods/exec], verbs: [create]}
- {apiGroups: [journeyman.dev], resources: [touchpointsources], verbs: [list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: privacy-officer}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: erase-persons}
subjects: [{kind: ServiceAccount, name: privacy-officer}]
`

const hers = "canary.ana@example.com"

var _ = Describe("kubectl journey erase", suite.Slow, func() {
	// The store has the address hashed with a previous and with the current pepper.
	It("erases a person by the address in plain text, when the store has it hashed", func(ctx SpecContext) {
		tm := newTeam(ctx)
		pepper := func(lines string) { tm.apply(secretField("pepper", "journeyman-pepper", lines)) }
		pepper("the-pepper-of-before-has-32-bytes")
		tm.apply(webKey + hashedStore + hashedSource)
		tm.apply(privacyOfficer)
		tm.condition("tps", "web", v1alpha1.ConditionIngestionAvailable, "True")
		s := segment{url: tm.serviceURL("web-ingest"), writeKey: "e2e-write-key"}
		before := tm.hashes(1, nil)
		Expect(s.send(visitsOf("canary-laptop", 3), time.Now())).To(Succeed())
		Expect(s.send(numbered(1, 0, 20), time.Now())).To(Succeed())
		pepper("the-pepper-of-today-has-32-bytes!")
		now := tm.hashes(1, before)
		erase := tm.eraser()
		tm.written(&s, erase, now[0])
		Expect(s.send(visitsOf("canary-phone", 4), time.Now())).To(Succeed())
		pepper("the-pepper-of-today-has-32-bytes!\nthe-pepper-of-before-has-32-bytes")
		Expect(tm.hashes(2, nil)).To(Equal(append(now, before...)))
		Expect(tm.volumeHas("canary.ana")).To(BeEmpty(), "no address is stored in clear")

		_, err := erase("email=nobody@example.com")
		Expect(err).To(MatchError(ContainSubstring("exit status 1")))
		Expect(err).To(MatchError(ContainSubstring("nothing was erased: the store does not know this email")))
		plan, err := erase("email=" + hers)
		Expect(err).NotTo(HaveOccurred())
		for _, want := range []string{"anonymousId=canary-laptop", "anonymousId=canary-phone", before[0].Value, now[0].Value, "4 identities and 9 events"} {
			Expect(plan).To(ContainSubstring(want))
		}
		digest := regexp.MustCompile(`--confirm (\S+)`).FindStringSubmatch(plan)[1]
		_, err = erase("email="+hers, "--confirm", strings.Repeat("0", len(digest)))
		Expect(err).To(MatchError(ContainSubstring("exit status 1")))
		Expect(err).To(MatchError(ContainSubstring("the confirmed plan is out of date")))
		Expect(tm.volumeHas("canary-")).NotTo(BeEmpty(), "nothing is erased yet")

		done, err := erase("email="+hers, "--confirm", digest)
		Expect(err).NotTo(HaveOccurred())
		Expect(done).To(ContainSubstring("Erased: 4 identities, 9 events."))
		Expect(done).To(ContainSubstring("without a trace"))
		Expect(tm.volumeHas("canary-")).To(BeEmpty(), "a file still has them")
		Expect(s.send(append(visitsOf("canary-laptop", 3), visitsOf("", 1)...), time.Now())).To(Succeed())
		Expect(tm.volumeHas("canary-")).To(BeEmpty(), "redelivery brought them back")

		suite.Kubectl(tm.ctx, "-n", tm.namespace, "delete", "pod", "default-store-0")
		tm.eventually("the receipt is there after the pod", func() error {
			receipts, err := erase("--receipts")
			if err == nil && !strings.Contains(receipts, digest) {
				err = fmt.Errorf("not in %s", receipts)
			}
			return err
		})
		again, err := erase("email="+hers, "--confirm", digest)
		Expect(err).NotTo(HaveOccurred(), "whoever saw no answer may ask again")
		Expect(again).To(Equal(done))
		_, err = erase("email=" + hers)
		Expect(err).To(MatchError(ContainSubstring("exit status 1")), "they are not known any more")
		tm.eraseAlone(s, erase)
	})
})

// eraseAlone runs the example of docs/identity.md: it erases a login, and the events of the other identities remain.
func (tm *team) eraseAlone(s segment, erase func(...string) (string, error)) {
	login := func(id string) message {
		return message{"type": "identify", "messageId": id, "userId": "ann", "anonymousId": "x", "context": message{"device": message{"id": "tablet"}}}
	}
	view := func(id string) message {
		return message{"type": "track", "event": "Viewed", "messageId": id, "anonymousId": "x"}
	}
	Expect(s.send([]message{view("v1"), login("l1"), view("v2"), login("l2")}, time.Now())).To(Succeed())
	plan, err := erase("--identity-only", "customerId=ann")
	Expect(err).NotTo(HaveOccurred())
	Expect(plan).To(ContainSubstring("1 identities and 2 events"))
	done, err := erase("--identity-only", "customerId=ann", "--confirm", regexp.MustCompile(`--confirm (\S+)`).FindStringSubmatch(plan)[1])
	Expect(err).NotTo(HaveOccurred())
	Expect(done).To(ContainSubstring("Erased: 1 identities, 2 events."))
	rest, err := erase("anonymousId=x")
	Expect(err).NotTo(HaveOccurred())
	Expect(rest).To(ContainSubstring("1 identities and 2 events"), "the views are there, and the tablet is not joined with them any more")
}

// visitsOf returns n events of a person and, if there is a browser, an identify call.
func visitsOf(browser string, n int) (out []message) {
	traits := message{"traits": message{"email": hers}}
	if browser != "" {
		out = append(out, message{"type": "identify", "messageId": browser, "anonymousId": browser, "traits": traits["traits"]})
	}
	for i := range n {
		m := message{"type": "track", "event": "Page Viewed", "messageId": fmt.Sprint("m-", browser, i), "timestamp": time.Now().UTC().Format(time.RFC3339Nano)}
		if browser == "" {
			m["context"] = traits
			m["anonymousId"] = "canary-laptop"
		} else {
			m["anonymousId"] = browser
		}
		out = append(out, m)
	}
	return out
}

// secretField returns the YAML of a Secret with a given field.
func secretField(name, field, value string) string {
	return fmt.Sprintf("apiVersion: v1\nkind: Secret\nmetadata: {name: %s}\nstringData: {%s: %q}\n", name, field, value)
}

// hashes waits until the pod of the source hashes the address in n forms that differ from those before, and returns them. The kubelet updates Secrets
// in pods with a delay.
func (tm *team) hashes(n int, before []event.Identity) (forms []event.Identity) {
	GinkgoHelper()
	question, err := json.Marshal(event.Identity{Type: "email", Value: hers})
	Expect(err).NotTo(HaveOccurred())
	tm.eventually(fmt.Sprintf("%d forms of an address", n), func() error {
		forms = nil
		for _, p := range tm.pods(map[string]string{"app.kubernetes.io/component": "ingest"}) {
			if p.Status.Phase != corev1.PodRunning {
				continue
			}
			out, err := suite.TryKubectlInput(tm.ctx, string(question), "-n", tm.namespace, "exec", "-i", p.Name, "--", "/ingest", "hash")
			if err == nil {
				err = json.Unmarshal([]byte(out), &forms)
			}
			if err != nil {
				return err
			}
		}
		if len(forms) != n || len(before) > 0 && forms[0] == before[0] {
			return fmt.Errorf("%v", forms)
		}
		return nil
	})
	return forms
}

// written waits until the running ingestion process writes identities with the pepper of a form. It polls its files every few seconds, while /ingest
// hash reads them at once.
func (tm *team) written(s *segment, erase func(...string) (string, error), form event.Identity) {
	GinkgoHelper()
	version, _, _ := strings.Cut(form.Value, ":")
	tm.eventually("somebody is written under the new pepper", func() error {
		who := fmt.Sprintf("probe-%d@example.com", time.Now().UnixNano())
		probe := message{"type": "identify", "messageId": who, "anonymousId": who, "traits": message{"email": who}}
		if err := s.send([]message{probe}, time.Now()); err != nil {
			return err
		}
		plan, err := erase("email=" + who)
		if err == nil && !strings.Contains(plan, "email="+version+":") {
			err = fmt.Errorf("not under %s: %s", version, plan)
		}
		return err
	})
}

// eraser runs kubectl journey erase with the permissions of the privacy officer, and logs the output.
func (tm *team) eraser() func(args ...string) (string, error) {
	GinkgoHelper()
	token, err := suite.TryKubectl(tm.ctx, "-n", tm.namespace, "create", "token", "privacy-officer")
	Expect(err).NotTo(HaveOccurred())
	admin, err := clientcmd.LoadFromFile(os.Getenv("KUBECONFIG"))
	Expect(err).NotTo(HaveOccurred())
	cluster := admin.Clusters[admin.Contexts[admin.CurrentContext].Cluster]
	config := api.NewConfig()
	config.Clusters["c"], config.AuthInfos["u"] = cluster, &api.AuthInfo{Token: strings.TrimSpace(token)}
	config.Contexts["c"] = &api.Context{Cluster: "c", AuthInfo: "u", Namespace: tm.namespace}
	config.CurrentContext = "c"
	file := filepath.Join(GinkgoT().TempDir(), "officer.kubeconfig")
	Expect(clientcmd.WriteToFile(*config, file)).To(Succeed())
	return func(args ...string) (string, error) {
		args = append([]string{"journey", "erase", "default"}, args...)
		out, err := suite.TryKubectl(tm.ctx, append(args, "--kubeconfig", file)...)
		return out, err
	}
}
