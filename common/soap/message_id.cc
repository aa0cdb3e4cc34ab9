#include "common/soap/message_id.h"

namespace angophora::soap {

std::string new_message_id(common::Runtime& runtime) {
  auto hex = runtime.random_hex(32);
  hex[12] = '4';                    // version: random
  hex[16] = "89ab"[(hex[16] & 3)];  // variant
  return "urn:uuid:" + hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
         hex.substr(16, 4) + "-" + hex.substr(20);
}

}  // namespace angophora::soap
