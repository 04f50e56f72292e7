//! HMAC for `jsonwebtoken`, from ring. The providers that `jsonwebtoken` offers also compile RSA
//! and elliptic curves; that RSA leaks its key through timing (RUSTSEC-2023-0071).

use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{ErrorKind, Result};
use jsonwebtoken::signature::{Error, Signer, Verifier};
use jsonwebtoken::{Algorithm, AlgorithmFamily};
use ring::hmac;
use ring::hmac::Key;

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| Ok(Box::new(Hmac::new(*algorithm, key.family(), Ok(key.as_bytes()))?)),
    verifier_factory: |algorithm, key| Ok(Box::new(Hmac::new(*algorithm, key.family(), key.try_get_as_bytes())?)),
    key_utils: KeyUtils::new_unimplemented(),
};

/// Makes `jsonwebtoken` use HMAC of this module in the whole process.
pub fn install() {
    let _already_installed = PROVIDER.install_default();
}

struct Hmac {
    algorithm: Algorithm,
    key: Key,
}

impl Hmac {
    fn new(algorithm: Algorithm, family: AlgorithmFamily, key: Result<&[u8]>) -> Result<Self> {
        let digest = match algorithm {
            Algorithm::HS256 => hmac::HMAC_SHA256,
            Algorithm::HS384 => hmac::HMAC_SHA384,
            Algorithm::HS512 => hmac::HMAC_SHA512,
            _ => return Err(ErrorKind::InvalidAlgorithm.into()),
        };
        if family != AlgorithmFamily::Hmac {
            return Err(ErrorKind::InvalidKeyFormat.into());
        }
        Ok(Self { algorithm, key: Key::new(digest, key?) })
    }
}

impl Signer<Vec<u8>> for Hmac {
    fn try_sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, Error> {
        Ok(hmac::sign(&self.key, message).as_ref().to_vec())
    }
}

impl Verifier<Vec<u8>> for Hmac {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), Error> {
        hmac::verify(&self.key, message, signature).map_err(|_unspecified| Error::new())
    }
}

impl JwtSigner for Hmac {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

impl JwtVerifier for Hmac {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::crypto::{sign, verify};
    use jsonwebtoken::{DecodingKey, EncodingKey};

    use super::*;

    /// Test case 2 of RFC 4231, in Base64.
    const KEY: &[u8] = b"Jefe";
    const MESSAGE: &[u8] = b"what do ya want for nothing?";
    const SIGNATURE: &str = "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM";

    #[test]
    fn signature_is_that_of_rfc_4231() {
        install();
        assert_eq!(sign(MESSAGE, &EncodingKey::from_secret(KEY), Algorithm::HS256).unwrap(), SIGNATURE);
    }

    #[test]
    fn only_the_right_signature_is_accepted() {
        install();
        let accepts = |signature: &str, message: &[u8], key: &[u8], algorithm| {
            verify(signature, message, &DecodingKey::from_secret(key), algorithm).unwrap()
        };
        assert!(accepts(SIGNATURE, MESSAGE, KEY, Algorithm::HS256));
        assert!(!accepts(SIGNATURE, MESSAGE, b"jefe", Algorithm::HS256));
        assert!(!accepts(SIGNATURE, b"", KEY, Algorithm::HS256));
        assert!(!accepts("", MESSAGE, KEY, Algorithm::HS256));
        assert!(!accepts(SIGNATURE, MESSAGE, KEY, Algorithm::HS384));
    }

    #[test]
    fn public_keys_and_other_algorithms_are_rejected() {
        install();
        let secret = DecodingKey::from_secret(KEY);
        for algorithm in [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA] {
            assert!(verify(SIGNATURE, MESSAGE, &secret, algorithm).is_err());
        }
        assert!(verify(SIGNATURE, MESSAGE, &DecodingKey::from_rsa_der(KEY), Algorithm::HS256).is_err());
    }
}
