#include "clc/domain/snapshot_errors.h"

namespace angophora::clc {

std::string_view to_string(SnapshotErrc e) {
  switch (e) {
    case SnapshotErrc::not_found:
      return "snapshot not found";
    case SnapshotErrc::malformed_id:
      return "malformed snapshot id";
    case SnapshotErrc::incorrect_state:
      return "incorrect snapshot state";
    case SnapshotErrc::not_permitted:
      return "snapshot not permitted";
    case SnapshotErrc::limit_exceeded:
      return "snapshot limit exceeded";
    case SnapshotErrc::bad_user_id:
      return "bad user id";
  }
  return "unknown snapshot error";
}

}  // namespace angophora::clc
