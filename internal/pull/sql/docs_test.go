// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sql_test

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/ingest/puller/pulltest"
	"github.com/journeyman-dev/journeyman/test/rig/postgres"
)

// The source of docs/transports/sql.md reads the table there, as the user there.
func TestDocs(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../../docs/transports/sql.md")
	require.NoError(t, err)
	block := func(language string) string {
		m := regexp.MustCompile("(?s)```" + language + "\n(.*?)```").FindSubmatch(page)
		require.NotNil(t, m, language)
		return string(m[1])
	}
	s := on(t, postgres.Start(t))
	s.exec(t, "DROP TABLE orders")
	s.exec(t, block("sql"))
	var source v1alpha1.TouchpointSource
	require.NoError(t, yaml.UnmarshalStrict([]byte(block("yaml")), &source))
	p := pulltest.NewPod(t, s)
	egress := p.Config.Source.Egress
	p.Config.Source = source.Spec
	p.Config.Source.Egress = egress
	own := p.Config.Source.Transport.SQL
	own.Address, own.Database, own.TLS, own.Unencrypted = s.transport.Address, s.transport.Database, nil, s.transport.Unencrypted
	own.PollEvery = s.transport.PollEvery
	p.Files["password"] = []byte("secret")
	s.exec(t, `INSERT INTO orders VALUES (1, 7, 'open', 12.30, 'EUR', NULL), (2, 7, 'paid', 0.07, 'EUR', now())`)
	p.Run()
	p.Await(1)
	s.exec(t, `UPDATE orders SET status = 'paid', paid_at = now(), updated_at = now() WHERE id = 1`)
	p.Await(2)
	var amounts []int64
	for _, e := range p.Store.Events() {
		require.Equal(t, "Order Completed", e.Name)
		require.Equal(t, "EUR", e.Currency)
		amounts = append(amounts, e.Amount)
	}
	require.ElementsMatch(t, []int64{12_300_000, 70_000}, amounts)
}
