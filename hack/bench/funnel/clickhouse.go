// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/test/rig"
)

// clickhouse is a server of ours on loopback, or one that is given by its address. It is spoken to by its HTTP interface.
type clickhouse struct {
	bench   *bench
	world   world
	address string
	dir     string
	server  *rig.Process
	// table and column type of the event's name.
	packed bool
}

func (c *clickhouse) name() string {
	if c.packed {
		return "ClickHouse, LowCardinality"
	}
	return "ClickHouse, String"
}

// available says why there is none, or nothing.
func (c *clickhouse) available() string {
	if c.bench.clickhouse != "" {
		return ""
	}
	if _, err := exec.LookPath("clickhouse-server"); err != nil {
		return "clickhouse-server is not installed, and CLICKHOUSE=host:port (of its HTTP interface) is not set"
	}
	return ""
}

const clickhouseConfig = `<yandex>
<logger><level>warning</level><console>1</console></logger>
<listen_host>127.0.0.1</listen_host><http_port>%s</http_port>
<path>%s/data/</path><tmp_path>%[2]s/tmp/</tmp_path>
<mark_cache_size>536870912</mark_cache_size>
<users_config>%[2]s/users.xml</users_config>
<default_profile>default</default_profile><default_database>default</default_database>
</yandex>`

const clickhouseUsers = `<yandex><profiles><default/></profiles>
<users><default><password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default></users>
<quotas><default><interval><duration>3600</duration><queries>0</queries><errors>0</errors><result_rows>0</result_rows>
<read_rows>0</read_rows><execution_time>0</execution_time></interval></default></quotas></yandex>`

func (c *clickhouse) start(ctx context.Context) error {
	if c.bench.clickhouse != "" {
		c.address = c.bench.clickhouse
		return nil
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	c.address = l.Addr().String()
	if err := l.Close(); err != nil {
		return err
	}
	c.dir = filepath.Join(c.bench.dir, "clickhouse")
	_, port, err := net.SplitHostPort(c.address)
	if err != nil {
		return err
	}
	config := filepath.Join(c.dir, "config.xml")
	err = errors.Join(os.MkdirAll(filepath.Join(c.dir, "tmp"), 0o700), os.MkdirAll(filepath.Join(c.dir, "data"), 0o700),
		os.WriteFile(config, fmt.Appendf(nil, clickhouseConfig, port, c.dir), 0o600),
		os.WriteFile(filepath.Join(c.dir, "users.xml"), []byte(clickhouseUsers), 0o600))
	if err != nil {
		return err
	}
	if c.server, err = rig.Start("clickhouse-server", "--config-file="+config); err != nil {
		return err
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		_, err := c.query(ctx, "SELECT 1", nil)
		if err == nil || time.Now().After(deadline) {
			return err
		}
	}
}

func (c *clickhouse) stop() error {
	if c.server == nil {
		return nil
	}
	return c.server.Kill() // it is in no hurry to end when asked, and nothing is written that matters
}

func (c *clickhouse) files() string { return c.dir }

// query runs a statement; what the body gives is appended to an INSERT.
func (c *clickhouse) query(ctx context.Context, sql string, body io.Reader) (string, error) {
	values := url.Values{"query": {sql}, "max_threads": {strconv.Itoa(c.bench.threads)}, "max_memory_usage": {"12000000000"}}
	if strings.Contains(sql, "LowCardinality") {
		values.Set("allow_experimental_low_cardinality_type", "1")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+c.address+"/?"+values.Encode(), body)
	if err != nil {
		return "", err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("ClickHouse: %.300s", text)
	}
	return string(text), err
}

func (c *clickhouse) table(kind string) string { return fmt.Sprintf("%s_%d", kind, c.world.events) }

// prepare loads the rows: person, second and name, in the order of person and time, merged into one part; or, in a world with identities, what
// a pipeline would have before it joins: identity, second, name and id, with the redelivered ones, and a table of the identities' persons.
func (c *clickhouse) prepare(ctx context.Context) error {
	if have, err := c.query(ctx, "SELECT count() FROM "+c.table(c.kind()), nil); err == nil && strings.TrimSpace(have) != "0" {
		return nil
	}
	if c.world.identities {
		return c.prepareRaw(ctx)
	}
	plain := c.table("plain")
	return c.each(ctx,
		step{sql: "DROP TABLE IF EXISTS " + plain}, step{sql: "DROP TABLE IF EXISTS " + c.table("packed")},
		step{sql: "CREATE TABLE " + plain + " (person UInt64, time DateTime, event String) ENGINE = MergeTree ORDER BY (person, time)"},
		step{sql: "INSERT INTO " + plain + " FORMAT RowBinary", body: func(w *bufio.Writer) error {
			return c.world.byPerson(func(list []sighting) error {
				for i := range list {
					putRow(w, personNumber(list[i].person), &list[i])
				}
				return nil
			})
		}},
		step{sql: "OPTIMIZE TABLE " + plain + " FINAL"},
		step{sql: "CREATE TABLE " + c.table("packed") + " (person UInt64, time DateTime, event LowCardinality(String)) ENGINE = MergeTree ORDER BY (person, time)"},
		step{sql: "INSERT INTO " + c.table("packed") + " SELECT person, time, event FROM " + plain},
		step{sql: "OPTIMIZE TABLE " + c.table("packed") + " FINAL"})
}

func (c *clickhouse) kind() string {
	switch {
	case c.world.identities:
		return "raw"
	case c.packed:
		return "packed"
	}
	return "plain"
}

func (c *clickhouse) prepareRaw(ctx context.Context) error {
	raw, people := c.table("raw"), c.table("people")
	return c.each(ctx,
		step{sql: "DROP TABLE IF EXISTS " + raw}, step{sql: "DROP TABLE IF EXISTS " + people},
		step{sql: "CREATE TABLE " + raw + " (anchor UInt64, time DateTime, event String, id UInt64) ENGINE = MergeTree ORDER BY (anchor, time)"},
		step{sql: "CREATE TABLE " + people + " (anchor UInt64, person UInt64) ENGINE = MergeTree ORDER BY anchor"},
		step{sql: "INSERT INTO " + raw + " FORMAT RowBinary", body: func(w *bufio.Writer) error {
			return c.world.byPerson(func(list []sighting) error {
				for i := range list {
					s := &list[i]
					for range copies(c.world, s) {
						putRow(w, c.world.anchor(s), s)
						putLong(w, idOf(s))
					}
				}
				return nil
			})
		}},
		step{sql: "INSERT INTO " + people + " FORMAT RowBinary", body: func(w *bufio.Writer) error {
			for p := range c.world.persons {
				for _, s := range []sighting{{person: p, known: true}, {person: p}, {person: p, device: 1}} {
					putLong(w, c.world.anchor(&s))
					putLong(w, personNumber(p))
				}
			}
			return nil
		}},
		step{sql: "OPTIMIZE TABLE " + raw + " FINAL"}, step{sql: "OPTIMIZE TABLE " + people + " FINAL"})
}

func copies(w world, s *sighting) int {
	if w.redelivered(s) {
		return 2
	}
	return 1
}

// anchor stands for the strongest identity of an event.
func (w world) anchor(s *sighting) uint64 { return uint64(w.namedBy(s)[0].Anchor()) }

func personNumber(p int) uint64 { return hash(p, 99) }

type step struct {
	sql  string
	body func(*bufio.Writer) error
}

func (c *clickhouse) each(ctx context.Context, list ...step) error {
	for _, s := range list {
		var body io.Reader
		if s.body != nil {
			r, w := io.Pipe()
			go func() {
				out := bufio.NewWriterSize(w, 1<<20)
				w.CloseWithError(errors.Join(s.body(out), out.Flush()))
			}()
			body = r
		}
		if _, err := c.query(ctx, s.sql, body); err != nil {
			return fmt.Errorf("%s: %w", s.sql, err)
		}
	}
	return nil
}

// putRow writes a row in RowBinary. Errors of the writer stay until its Flush.
func putRow(w *bufio.Writer, who uint64, s *sighting) {
	putLong(w, who)
	var b [5]byte
	binary.LittleEndian.PutUint32(b[:], uint32(begin+s.at))
	b[4] = byte(len(names[s.name]))
	_, _ = w.Write(b[:])
	_, _ = w.WriteString(names[s.name])
}

func putLong(w *bufio.Writer, n uint64) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], n)
	_, _ = w.Write(b[:])
}

func (c *clickhouse) sql() string {
	from := c.table(c.kind())
	if c.world.identities {
		from = fmt.Sprintf(`(SELECT any(anchor) AS anchor, any(time) AS time, any(event) AS event FROM %s GROUP BY id)
			ANY INNER JOIN %s USING anchor`, from, c.table("people"))
	}
	var conditions []string
	for _, name := range names[:stages] {
		conditions = append(conditions, fmt.Sprintf("event = '%s'", name))
	}
	return fmt.Sprintf("SELECT level, count() FROM (SELECT person, windowFunnel(%d)(time, %s) AS level FROM %s GROUP BY person) GROUP BY level FORMAT TSV",
		window, strings.Join(conditions, ", "), from)
}

func (c *clickhouse) run(ctx context.Context) (out sample, err error) {
	var before, after time.Duration
	if c.server != nil {
		if before, err = c.server.CPU(); err != nil {
			return out, err
		}
	}
	began := time.Now()
	text, err := c.query(ctx, c.sql(), nil)
	if err != nil {
		return out, err
	}
	out.wall = time.Since(began)
	if c.server != nil {
		if after, err = c.server.CPU(); err != nil {
			return out, err
		}
		if out.memory, err = c.server.PeakMemory(); err != nil {
			return out, err
		}
		out.cpu = after - before
	}
	return out, out.levels(text)
}
