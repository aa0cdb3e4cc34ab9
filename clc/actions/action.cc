#include "clc/actions/action.h"

namespace angophora::clc {

Task<Reply> refuse(Error error) { co_return std::move(error); }

Task<Reply> finish(Task<Reply> reply, bool dry_run) {
  auto done = co_await std::move(reply);
  if (done && dry_run) co_return would_have_succeeded();
  co_return std::move(done);
}

}  // namespace angophora::clc
