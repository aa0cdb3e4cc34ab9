#include "clc/store/network_versions.h"

namespace angophora::clc {

Result<std::int64_t> NetworkVersions::version_of(std::string_view digest) {
  TRY(auto q, tx_.prepare("INSERT INTO network_state (name, version, digest) VALUES ('all', 1, ?1) "
                          "ON CONFLICT (name) DO UPDATE SET version=network_state.version + "
                          "CASE WHEN network_state.digest=excluded.digest THEN 0 ELSE 1 END, "
                          "digest=excluded.digest RETURNING version"));
  q.bind(1, digest);
  TRY_VOID(q.step());
  return q.integer(0);
}

}  // namespace angophora::clc
