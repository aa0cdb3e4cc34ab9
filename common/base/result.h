// Errors as values. Every fallible function of the project returns Result<T>, every fallible
// coroutine Task<T>. Exceptions mean a bug or a failed start.
//
//   Result<Port> parse_port(std::string_view text);
//   TRY(auto port, parse_port(text));          // hands a failure up
//   CO_TRY(auto row, co_await db.read(find));  // the same inside a coroutine
//   return Error(SomeErrc::not_found, "volume vol-1 does not exist");
//
// A module's enum becomes usable as an error code with two lines after its to_string():
//   enum class VolumeErrc { not_found = 1, in_use };
//   std::string_view to_string(VolumeErrc);
//   ANGOPHORA_ERROR_ENUM(angophora::clc, VolumeErrc)   // at global scope
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/outcome/basic_result.hpp>
#include <boost/outcome/policy/terminate.hpp>
#include <boost/outcome/success_failure.hpp>
#include <string>
#include <string_view>
#include <system_error>

namespace angophora::common {

namespace outcome = BOOST_OUTCOME_V2_NAMESPACE;

// What went wrong: the code for programs, a sentence that names the object for people.
struct Error {
  std::error_code code;
  std::string message;

  Error() = default;
  Error(std::error_code c, std::string m) : code(c), message(std::move(m)) {}
  template <class E, class = std::enable_if_t<std::is_error_code_enum_v<E>>>
  Error(E e, std::string m) : code(make_error_code(e)), message(std::move(m)) {}

  // Puts the step in front of the message: "reading part 3: file is too short".
  Error&& while_doing(std::string_view step) && {
    message.insert(0, ": ").insert(0, step);
    return std::move(*this);
  }
};

// What any module may run into; a module's own enum comes first where one fits.
enum class Errc {
  invalid_argument = 1,
  not_found,
  already_exists,
  permission_denied,
  unavailable,     // the other side cannot be reached or is not ready; trying again may help
  timed_out,       // no answer in time; it may still take effect
  limit_exceeded,  // a size, depth, count or queue limit
  io,              // disk, network or database failed
  corrupt,         // bytes are not what they must be
  cancelled,       // the daemon is stopping
  internal,        // our own mistake
};
std::string_view to_string(Errc e);

template <class T = void>
using Result = outcome::basic_result<T, Error, outcome::policy::terminate>;
template <class T = void>
using Task = boost::asio::awaitable<Result<T>>;

inline auto ok() { return outcome::success(); }

// The failure of errno `number` while doing `step`.
Error errno_error(int number, std::string step);

namespace detail {
template <class E>
class EnumCategory final : public std::error_category {
 public:
  explicit EnumCategory(const char* name) : name_(name) {}
  const char* name() const noexcept override { return name_; }
  std::string message(int value) const override {
    return std::string(to_string(static_cast<E>(value)));
  }

 private:
  const char* name_;
};
}  // namespace detail

}  // namespace angophora::common

#define ANGOPHORA_ERROR_ENUM(space, type)                                         \
  template <>                                                                     \
  struct std::is_error_code_enum<space::type> : std::true_type {};                \
  namespace space {                                                               \
  inline std::error_code make_error_code(type e) {                                \
    static const ::angophora::common::detail::EnumCategory<type> category{#type}; \
    return {static_cast<int>(e), category};                                       \
  }                                                                               \
  }

ANGOPHORA_ERROR_ENUM(angophora::common, Errc)

#define ANGOPHORA_CAT2(a, b) a##b
#define ANGOPHORA_CAT(a, b) ANGOPHORA_CAT2(a, b)
#define ANGOPHORA_TRY(ret, tmp, target, ...) \
  auto&& tmp = (__VA_ARGS__);                \
  if (!tmp) [[unlikely]]                     \
    ret std::move(tmp).assume_error();       \
  target = std::move(tmp).assume_value()
#define ANGOPHORA_TRY_VOID(ret, tmp, ...) \
  do {                                    \
    auto&& tmp = (__VA_ARGS__);           \
    if (!tmp) [[unlikely]]                \
      ret std::move(tmp).assume_error();  \
  } while (false)
// TRY(target, expression) keeps the value; TRY_VOID(expression) is for Result<>.
#define TRY(target, ...) \
  ANGOPHORA_TRY(return, ANGOPHORA_CAT(try_, __COUNTER__), target, __VA_ARGS__)
#define CO_TRY(target, ...) \
  ANGOPHORA_TRY(co_return, ANGOPHORA_CAT(try_, __COUNTER__), target, __VA_ARGS__)
#define TRY_VOID(...) ANGOPHORA_TRY_VOID(return, ANGOPHORA_CAT(try_, __COUNTER__), __VA_ARGS__)
#define CO_TRY_VOID(...) \
  ANGOPHORA_TRY_VOID(co_return, ANGOPHORA_CAT(try_, __COUNTER__), __VA_ARGS__)
