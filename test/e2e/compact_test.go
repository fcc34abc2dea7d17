// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/journeyman-dev/journeyman/internal/podconfig"
)

var (
	unflushedBytes = regexp.MustCompile(`(?m)^journeyman_store_unflushed_bytes\S* (\S+)$`)
	sortedFiles    = regexp.MustCompile(`(?m)^journeyman_store_files\S* (\S+)$`)
)

// compact waits until the store has flushed its log, which it does every five minutes.
func (tm *team) compact(store string) {
	GinkgoHelper()
	Eventually(tm.ctx, func(g Gomega) {
		tail, files, err := tm.storeGauges(store)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(files).To(BeNumerically(">", 0), "no sorted file")
		g.Expect(tail).To(BeZero(), "bytes of log")
	}).WithTimeout(8 * time.Minute).WithPolling(2 * time.Second).Should(Succeed())
}

// storeGauges reads the metrics of the store's pod.
func (tm *team) storeGauges(store string) (tail, files float64, err error) {
	pods := tm.pods(map[string]string{"app.kubernetes.io/component": "store", "app.kubernetes.io/instance": store})
	if len(pods) != 1 {
		return 0, 0, fmt.Errorf("%d pods of store %s", len(pods), store)
	}
	res, err := http.Get(fmt.Sprintf("http://%s:%d/metrics", pods[0].Status.PodIP, podconfig.MetricsPort))
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, 0, err
	}
	if tail, err = gauge(unflushedBytes, text); err != nil {
		return 0, 0, err
	}
	files, err = gauge(sortedFiles, text)
	return tail, files, err
}

func gauge(re *regexp.Regexp, text []byte) (float64, error) {
	m := re.FindSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("no metric like %s", re)
	}
	return strconv.ParseFloat(string(m[1]), 64)
}
