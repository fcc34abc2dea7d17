// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package duck

/*
#include <stdlib.h>
#include <stdint.h>

// The stream of the Arrow C data interface: four functions and a pointer.
struct journeyman_stream { void *members[5]; };
*/
import "C"

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/cdata"
	bindings "github.com/duckdb/duckdb-go-bindings"
)

// View gives the records a name, which all connections of the database see. They can be read once, without filters: the engine
// would leave these to the records' giver. The release function frees the records, after the query.
func (c *Conn) View(name string, reader array.RecordReader) (release func(), err error) {
	stream := C.calloc(1, C.sizeof_struct_journeyman_stream)
	cdata.ExportRecordReader(reader, (*cdata.CArrowArrayStream)(stream))
	release = func() {
		cdata.ReleaseCArrowArrayStream((*cdata.CArrowArrayStream)(stream))
		C.free(stream)
	}
	if bindings.ArrowScan(c.conn, name, bindings.ArrowStream{Ptr: stream}) == bindings.StateError {
		release()
		return nil, fmt.Errorf("duckdb: view %s of Arrow records failed", name)
	}
	return release, nil
}
