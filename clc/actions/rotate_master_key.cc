// RotateMasterKey (bootstrap, for administrators): the secrets of the database are sealed with a
// new master key, while everything goes on. The old key stays in its file until all is done, so
// that a crash in between costs nothing.
#include "clc/actions/action.h"
#include "clc/actions/master_keys.h"
#include "clc/store/sealing.h"

namespace angophora::clc::actions::rotate_master_key {
namespace {

struct Request {};

Task<> write_file(Services& s, std::vector<crypto::RingKey> keys) {
  auto write = [dir = s.config.state_dir, keys] { return write_masters(dir, keys); };
  co_return co_await s.runtime.run_blocking(std::move(write));
}

Task<Reply> handle(Services& s, Caller caller, Request) {
  if (caller.dry_run) co_return Reply();
  const crypto::KeyRing::Rotation rotation(s.keys.masters);
  if (!rotation.is_first())
    co_return Error(common::Errc::unavailable,
                    "another rotation of the master key is under way; try again when it is done");
  auto keys = s.keys.masters->keys();
  keys.insert(keys.begin(), new_master(s.runtime));
  CO_TRY_VOID(co_await write_file(s, keys));
  s.keys.masters->replace(keys);
  CO_TRY(const auto done, co_await reseal_secrets(s.runtime, s.db, s.keys.masters));
  const std::vector<crypto::RingKey> newest = {keys.front()};
  CO_TRY_VOID(co_await write_file(s, newest));
  // A request that has read a row before it was sealed anew opens it with the one before.
  keys.resize(2);
  s.keys.masters->replace(keys);
  auto reply = reply_true();
  reply.add("masterKeyId", keys.front().id).add("resealed", done.rows);
  reply.add("unreadable", static_cast<std::int64_t>(done.unreadable.size()));
  co_return reply;
}

}  // namespace

extern const Action RotateMasterKey{
    .name = "RotateMasterKey",
    .permission = "bootstrap:RotateMasterKey",
    .api = Api::bootstrap,
    .administrators_only = true,
    .run = parse_then<Request, kNoParams<Request>, handle>,
};

}  // namespace angophora::clc::actions::rotate_master_key
