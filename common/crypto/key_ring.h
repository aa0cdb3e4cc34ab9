// Keys that seal what a database keeps: the newest one seals, all of them open, so that the key can
// be changed while everything goes on. Any thread.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace angophora::crypto {

struct RingKey {
  std::string id;   // 8 characters, no ':'
  std::string key;  // 32 bytes
};

class KeyRing {
 public:
  // The newest comes first; at least one.
  explicit KeyRing(std::vector<RingKey> keys) : keys_(std::move(keys)) {}

  // "sealed:ID:" and base64. `nonce` as for crypto::seal. What is sealed for one `context`, a row
  // for example, opens for no other.
  common::Result<std::string> seal(std::string_view plain, std::string_view context,
                                   std::string_view nonce) const;
  // Errc::corrupt when it was not sealed so, or with a key that is no more.
  common::Result<std::string> open(std::string_view sealed, std::string_view context) const;

  static bool is_sealed(std::string_view text) { return key_of(text).has_value(); }
  // With the newest key.
  bool is_current(std::string_view text) const;

  std::vector<RingKey> keys() const;
  void replace(std::vector<RingKey> keys);

  // While one lives no other can be had: two rotations side by side would each forget the key of
  // the other, and what was sealed with it.
  class Rotation {
   public:
    explicit Rotation(std::shared_ptr<KeyRing> ring);
    ~Rotation();
    Rotation(const Rotation&) = delete;
    Rotation& operator=(const Rotation&) = delete;
    bool is_first() const { return first_; }

   private:
    std::shared_ptr<KeyRing> ring_;
    bool first_;
  };

 private:
  static std::optional<std::string_view> key_of(std::string_view text);
  mutable std::mutex mutex_;
  std::vector<RingKey> keys_;
  std::atomic<bool> rotating_ = false;
};

}  // namespace angophora::crypto
