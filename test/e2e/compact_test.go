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

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/podconfig"
)

var (
	tailBytes   = regexp.MustCompile(`(?m)^journeyman_store_tail_bytes\S* (\S+)$`)
	sortedFiles = regexp.MustCompile(`(?m)^journeyman_store_files\S* (\S+)$`)
)

// compact waits until the store has turned its log into sorted files: it does so by itself within five minutes.
func (tm *team) compact(store string) {
	tm.t.Helper()
	deadline := time.Now().Add(8 * time.Minute)
	for {
		tail, files, err := tm.storeGauges(store)
		if err == nil && files > 0 && tail == 0 {
			tm.t.Logf("the log has become %.0f sorted files", files)
			return
		}
		require.True(tm.t, time.Now().Before(deadline), "no compaction: %v bytes of log, %v files, %v", tail, files, err)
		time.Sleep(2 * time.Second)
	}
}

// storeGauges reads the store pod's own metrics.
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
	if tail, err = gauge(tailBytes, text); err != nil {
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
