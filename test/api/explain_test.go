// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/discovery"
)

// node is a part of the OpenAPI document that kubectl explain reads.
type node struct {
	Description string          `json:"description"`
	Ref         string          `json:"$ref"`
	Properties  map[string]node `json:"properties"`
	Items       *node           `json:"items"`
	AllOf       []node          `json:"allOf"`
	// AdditionalProperties is a schema; our kinds have none that is a bool.
	AdditionalProperties *node `json:"additionalProperties"`
}

// kubectl explain has a text for every field of every kind.
func TestExplainHasTextForEveryField(t *testing.T) {
	published := openAPI(t)
	fields := 0
	for _, kind := range []string{"EventStore", "TouchpointSource", "JourneyMap", "MetricReport"} {
		root := published["dev.journeyman.v1alpha1."+kind]
		require.NotEmpty(t, root.Description, kind)
		fields += explained(t, kind, root)
	}
	require.Greater(t, fields, 300, "the walk saw too few fields to be right")
}

// explained counts the fields below a node and fails for each one without a text.
func explained(t *testing.T, path string, n node) int {
	t.Helper()
	count := 0
	for name, p := range n.Properties {
		at := path + "." + name
		count++
		if p.Description == "" && p.Ref == "" && len(p.AllOf) == 0 {
			t.Errorf("kubectl explain has no text for %s", at)
		}
		count += explained(t, at, p)
	}
	if n.Items != nil {
		count += explained(t, path, *n.Items)
	}
	if n.AdditionalProperties != nil {
		count += explained(t, path, *n.AdditionalProperties)
	}
	return count
}

// openAPI gives the schemas of the group that the API server publishes; it publishes new CRDs after a moment.
func openAPI(t *testing.T) map[string]node {
	t.Helper()
	d, err := discovery.NewDiscoveryClientForConfig(restConfig)
	require.NoError(t, err)
	var doc struct {
		Components struct {
			Schemas map[string]node `json:"schemas"`
		} `json:"components"`
	}
	published := func(ctx context.Context) (bool, error) {
		raw, err := d.RESTClient().Get().AbsPath("/openapi/v3/apis/journeyman.dev/v1alpha1").Do(ctx).Raw()
		if err != nil {
			return false, nil //nolint:nilerr // not found until it is published; the deadline ends the wait
		}
		if err := json.Unmarshal(raw, &doc); err != nil {
			return false, err
		}
		return strings.Contains(string(raw), "v1alpha1.MetricReport\"") && len(doc.Components.Schemas) > 4, nil
	}
	require.NoError(t, wait.PollUntilContextTimeout(t.Context(), 200*time.Millisecond, time.Minute, true, published))
	return doc.Components.Schemas
}
