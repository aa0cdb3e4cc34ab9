#include "clc/actions/master_keys.h"

#include "common/base/encoding.h"
#include "common/base/text.h"
#include "common/registry/files.h"

namespace angophora::clc::actions {
namespace {

std::string path_of(const std::string& state_dir) { return state_dir + "/keys/masters"; }

// A key a line, the newest first: id, space, 64 hex digits.
Result<std::vector<crypto::RingKey>> parse_masters(const std::string& path,
                                                   const std::string& text) {
  std::vector<crypto::RingKey> keys;
  for (const auto line : common::split(text, '\n')) {
    if (line.empty()) continue;
    const auto parts = common::split(line, ' ');
    const auto key = parts.size() == 2 ? common::hex_decode(parts[1]) : std::nullopt;
    if (!key || key->size() != 32 || parts[0].size() != 8)
      return Error(common::Errc::corrupt,
                   path + " has a line that is no key; restore it from a backup");
    keys.push_back({std::string(parts[0]), *key});
  }
  if (keys.empty())
    return Error(common::Errc::corrupt, path + " is empty; restore it from a backup");
  return keys;
}

}  // namespace

crypto::RingKey new_master(common::Runtime& runtime) {
  return {runtime.random_hex(8), runtime.random_bytes(32)};
}

Result<> write_masters(const std::string& state_dir, const std::vector<crypto::RingKey>& keys) {
  std::string text;
  for (const auto& key : keys) text += key.id + " " + common::hex_encode(key.key) + "\n";
  return registry::write_file(path_of(state_dir), text);
}

Result<std::vector<crypto::RingKey>> load_or_make_masters(const std::string& state_dir,
                                                          common::Runtime& runtime) {
  const auto path = path_of(state_dir);
  TRY(const auto present, registry::read_file(path));
  if (present) return parse_masters(path, *present);
  std::vector<crypto::RingKey> keys = {new_master(runtime)};
  TRY_VOID(write_masters(state_dir, keys));
  return keys;
}

}  // namespace angophora::clc::actions
