// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package helm

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// lose sends events of customers who filled a cart twelve days ago and did not buy, so that their window of seven days has ended. Each call sends new
// customers.
func lose(ctx context.Context, namespace string, customers int) {
	GinkgoHelper()
	now := time.Now().UTC()
	var batch []map[string]any
	for i := range customers {
		for minute, event := range []string{"Product List Viewed", "Product Viewed", "Product Added"} {
			at := now.Add(-12 * 24 * time.Hour).Add(time.Duration(minute) * time.Minute).Format(time.RFC3339)
			id := fmt.Sprintf("lost-%d-%d", now.UnixNano(), i)
			batch = append(batch, map[string]any{
				"type": "track", "messageId": fmt.Sprintf("%s-%d", id, minute), "anonymousId": id, "event": event, "timestamp": at,
			})
		}
	}
	body, err := json.Marshal(map[string]any{"batch": batch})
	Expect(err).NotTo(HaveOccurred())
	address := suite.Kubectl(ctx, "-n", namespace, "get", "service/web-ingest", "-o", "jsonpath=http://{.spec.clusterIP}:{.spec.ports[0].port}")
	Eventually(func(g Gomega) {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"/v1/batch", bytes.NewReader(body))
		g.Expect(err).NotTo(HaveOccurred())
		request.Header.Set("Content-Type", "application/json")
		request.SetBasicAuth("demo-web-write-key", "")
		response, err := http.DefaultClient.Do(request)
		g.Expect(err).NotTo(HaveOccurred())
		_ = response.Body.Close()
		g.Expect(response.StatusCode).To(Equal(http.StatusOK))
	}).Should(Succeed())
}
