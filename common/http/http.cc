#include "common/http/http.h"

#include <unistd.h>

#include <algorithm>

#include "common/base/encoding.h"
#include "common/base/text.h"

namespace angophora::http {

using common::equal_ignore_case;
using common::Errc;
using common::Error;

void Headers::add(std::string name, std::string value) {
  fields_.emplace_back(std::move(name), std::move(value));
}

void Headers::set(std::string name, std::string value) {
  remove(name);
  add(std::move(name), std::move(value));
}

void Headers::remove(std::string_view name) {
  std::erase_if(fields_, [&](const Field& field) { return equal_ignore_case(field.first, name); });
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (const auto& [field, value] : fields_)
    if (equal_ignore_case(field, name)) return value;
  return std::nullopt;
}

std::string_view Headers::get(std::string_view name) const { return find(name).value_or(""); }

std::vector<std::string_view> Headers::all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [field, value] : fields_)
    if (equal_ignore_case(field, name)) values.push_back(value);
  return values;
}

std::string_view Request::path() const {
  return std::string_view(target).substr(0, target.find('?'));
}

std::string_view Request::query() const {
  const auto mark = target.find('?');
  if (mark == std::string::npos) return {};
  return std::string_view(target).substr(mark + 1);
}

std::shared_ptr<const int> own_fd(int fd) {
  return {new int(fd), [](const int* owned) {
            ::close(*owned);
            delete owned;
          }};
}

Task<std::string> BodyReader::read_all(std::size_t bytes_max) {
  constexpr std::size_t kStep = 64 * 1024;
  const Error too_big(Errc::limit_exceeded,
                      "the body is larger than " + std::to_string(bytes_max) + " bytes");
  const auto announced = length();
  if (announced && *announced > bytes_max) co_return too_big;
  std::string all;
  std::size_t used = 0;
  for (;;) {
    // One byte more than announced, so that the end is seen without growing again.
    if (used == all.size())
      all.resize(used == 0 && announced ? std::min<std::size_t>(*announced + 1, 16 * kStep)
                                        : used + std::max(used, kStep));
    const std::span<char> free(all.data() + used, all.size() - used);
    CO_TRY(const std::size_t count, co_await read(free));
    if (count == 0) break;
    used += count;
    if (used > bytes_max) co_return too_big;
  }
  all.resize(used);
  co_return all;
}

std::optional<Parameters> parse_query(std::string_view encoded, bool plus_is_space,
                                      std::size_t count_max) {
  Parameters parameters;
  while (!encoded.empty()) {
    const auto end = std::min(encoded.find('&'), encoded.size());
    const auto part = encoded.substr(0, end);
    encoded.remove_prefix(std::min(end + 1, encoded.size()));
    if (part.empty()) continue;
    if (parameters.size() == count_max) return std::nullopt;
    const auto equals = std::min(part.find('='), part.size());
    auto name = common::percent_decode(part.substr(0, equals), plus_is_space);
    auto value =
        common::percent_decode(part.substr(std::min(equals + 1, part.size())), plus_is_space);
    if (!name || !value) return std::nullopt;
    parameters.emplace_back(std::move(*name), std::move(*value));
  }
  return parameters;
}

}  // namespace angophora::http
