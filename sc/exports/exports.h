// Who may open which volume, and the servers that let him: one holder at a time, in the order of
// the attachments' numbers, whatever is repeated, late or restarted.
//
// Threads:  I/O thread; calls for one volume take turns.
// Durable:  what a call answered is on disk before the answer.
#pragma once

#include <map>
#include <set>

#include "common/db/database.h"
#include "sc/domain/export.h"
#include "sc/exports/export_server.h"
#include "sc/exports/turns.h"
#include "sc/volumes/volumes.h"

namespace angophora::sc {

class Exports {
 public:
  // All outlive the runtime's coroutines.
  Exports(common::Runtime& runtime, db::Database& db, Volumes& volumes, ExportServer& server);

  // Takes over the exports of an earlier life, ends what must not be, and keeps them served from
  // now on.
  Task<> start();

  // Errors as check_grant's; Errc::not_found without the volume.
  Task<> grant(VolumeId volume, Holder holder);
  // When it returns nothing of `epoch` and below is open or will be.
  Task<> revoke(VolumeId volume, std::int64_t epoch);

  // How the holder reaches the volume: the same answer each time. Errors as check_open's.
  Task<ExportSpec> open(VolumeId volume, Holder caller);
  // The holder has let go. An attachment that is over has nothing to close.
  Task<> close(VolumeId volume, Holder caller);

  // Removes the volume. VolumeErrc::in_use while it is granted.
  Task<> remove(VolumeId volume);

  Task<std::map<VolumeId, Grant>> all();
  std::string why_not() const { return server_.why_not(); }

 private:
  Task<std::optional<Grant>> find(VolumeId volume);
  Task<> put(Grant grant);
  Task<ExportSpec> spec_of(Grant grant);
  // Writes the grant as closed and ends what is open of it.
  Task<> shut(Grant grant);
  common::awaitable<void> keep_serving();
  Task<> serve_again(VolumeId volume);
  // Whether all that is open is served.
  common::awaitable<bool> serve_broken();

  common::Runtime& runtime_;
  db::Database& db_;
  Volumes& volumes_;
  ExportServer& server_;
  Turns turns_;
  std::set<VolumeId> open_;    // to be kept served
  std::set<VolumeId> broken_;  // of those, what is not served now
  common::Wake changed_;
};

}  // namespace angophora::sc
