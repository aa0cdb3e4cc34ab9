#include "common/crypto/key_ring.h"

#include <gtest/gtest.h>

namespace angophora::crypto {
namespace {

const std::string kNonce(12, 'n');
const RingKey kOld{"00000001", std::string(32, 'a')}, kNew{"00000002", std::string(32, 'b')};

TEST(KeyRing, OpensWhatItSealedForTheSameContextAlone) {
  const KeyRing ring({kOld});
  const auto sealed = ring.seal("secret", "row 1", kNonce).value();
  EXPECT_TRUE(KeyRing::is_sealed(sealed));
  EXPECT_EQ(sealed.find("secret"), std::string::npos);
  EXPECT_EQ(ring.open(sealed, "row 1").value(), "secret");
  EXPECT_FALSE(ring.open(sealed, "row 2"));
  auto changed = sealed;
  changed[30] = changed[30] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(ring.open(changed, "row 1"));
}

TEST(KeyRing, GoesOnOpeningWhatAnOlderKeySealed) {
  KeyRing ring({kOld});
  const auto sealed = ring.seal("secret", "", kNonce).value();
  EXPECT_TRUE(ring.is_current(sealed));
  ring.replace({kNew, kOld});
  EXPECT_EQ(ring.open(sealed, "").value(), "secret");
  EXPECT_FALSE(ring.is_current(sealed));
  const auto again = ring.seal("secret", "", kNonce).value();
  EXPECT_TRUE(ring.is_current(again));
  ring.replace({kNew});
  EXPECT_EQ(ring.open(sealed, "").error().code, common::Errc::corrupt);
  EXPECT_EQ(ring.open(again, "").value(), "secret");
}

TEST(KeyRing, KnowsWhatIsNotSealed) {
  for (const auto* text : {"", "secret", "sealed:", "sealed:00000001", "sealed:00000001x"})
    EXPECT_FALSE(KeyRing::is_sealed(text)) << text;
  EXPECT_EQ(KeyRing({kOld}).open("secret", "").error().code, common::Errc::corrupt);
}

}  // namespace
}  // namespace angophora::crypto
