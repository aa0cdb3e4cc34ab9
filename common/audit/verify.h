// Whether an audit log is what was written. Blocking.
#pragma once

#include <string>
#include <vector>

#include "common/audit/store.h"

namespace angophora::audit {

struct Report {
  std::uint64_t files = 0;
  std::uint64_t records = 0;
  Link first, last;                   // of the lines that are there
  std::vector<std::string> findings;  // each a changed, missing or moved part; none: all is well
  // What a daemon leaves that was killed while it wrote, before its next start; no finding.
  std::string torn;
};

// Of the log in `folder`; a daemon may go on writing it. At most a hundred findings.
Result<Report> verify(const std::string& folder);

}  // namespace angophora::audit
