// The tables of the storage controller.
#pragma once

#include "common/db/database.h"

namespace angophora::sc {

// Append only: never edit or reorder a migration that has been released.
inline constexpr db::Migration kMigrations[] = {
    {1, "volumes that were made, to notice what is lost",
     "CREATE TABLE volumes (id {text} PRIMARY KEY, size_gib {i64} NOT NULL)"},
    {2, "who may open a volume, and where it is open",
     "CREATE TABLE grants (volume {text} PRIMARY KEY, epoch {i64} NOT NULL, "
     "instance {text} NOT NULL, node {text} NOT NULL, granted {i64} NOT NULL, "
     "open {i64} NOT NULL, port {i64} NOT NULL, key {blob} NOT NULL)"},
    {3, "snapshots that were taken here",
     "CREATE TABLE snapshots (id {text} PRIMARY KEY, volume {text} NOT NULL, size_gib {i64} NOT "
     "NULL, start_ms {i64} NOT NULL, state {text} NOT NULL, base {text} NOT NULL, held {text} NOT "
     "NULL, ended_ms {i64} NOT NULL, reason {text} NOT NULL)"},
    {4, "what the next snapshot of a volume differs from, and what a volume is being filled from",
     "CREATE TABLE bases (volume {text} PRIMARY KEY, snapshot {text} NOT NULL); "
     "CREATE TABLE sources (volume {text} PRIMARY KEY, snapshot {text} NOT NULL)"},
};

}  // namespace angophora::sc
