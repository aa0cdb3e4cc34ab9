#include "clc/restoration.h"

#include <boost/json.hpp>

#include "clc/store/restoration.h"
#include "common/log/log.h"
#include "common/registry/files.h"

namespace angophora::clc {
namespace {

using common::Errc;

Result<Restoration> parse_marker(const std::string& text, const std::string& path) {
  boost::system::error_code failed;
  const auto value = boost::json::parse(text, failed);
  const auto number = [&](const char* key) -> std::int64_t {
    const auto* found = failed || !value.is_object() ? nullptr : value.as_object().if_contains(key);
    return found && found->is_int64() ? found->as_int64() : 0;
  };
  Restoration restoration{from_ms(number("made_at_ms")), from_ms(number("restored_at_ms"))};
  if (to_ms(restoration.restored_at) <= 0)
    return Error(Errc::corrupt, path + " does not say when this state was restored");
  return restoration;
}

}  // namespace

Task<> settle_restoration(Services& s) {
  const auto path = s.config.state_dir + "/restored.json";
  auto read = [path] { return registry::read_file(path); };
  CO_TRY(const auto text, co_await s.runtime.run_blocking(std::move(read)));
  if (!text) co_return common::ok();
  CO_TRY(const auto restoration, parse_marker(*text, path));
  CO_TRY(const auto network, parse_instance_network(s.config.instance_network));
  const auto settle = [restoration, network](Tx& tx) {
    return settle_restoration(tx, restoration, network);
  };
  CO_TRY(const auto restored, co_await s.db.write(settle));
  auto remove = [path] { return registry::remove_file(path); };
  CO_TRY_VOID(co_await s.runtime.run_blocking(std::move(remove)));
  if (restored.is_new)
    log::warn("cloud.restored", {{"backup_of", common::format_iso8601(restoration.made_at)},
                                 {"numbers_from", restored.base},
                                 {"launches_forgotten", restored.forgotten_launches}});
  co_return common::ok();
}

}  // namespace angophora::clc
