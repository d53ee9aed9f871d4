"""keys.py - DKIM keys for tests: each was made for them, and signs nothing

Public keys are base64 as p= has it; two private keys are PEM.
"""
RSA_2048 = (
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAos1lWPmdTfbQL8tZMhKTHKMbHyLKiZ442f7RjNc2tjAZhBYgcqZIa3oi"
    "nnIHG6NhCd9jSs3Q1fMKdgCbbWo0bg2ZX2SLlyBCv3+BBN+/XVHGZ+Atkp0pSUJdQh9aJy/742KBSqQeks4602MqA3RxbEjabjpM"
    "ihBk/Jdcj9tClA13ibi9Zko5bg6Weis5qXlEKCtznZJzNVDgBOMQT4qEqvVj65jrKXzFlYr2Rn90QEXgCPEnpIllFHnapZGR5vDp"
    "K2C+WfK3lr/AkF3lPwyTTtQ4g1RB6a1gEeNIe4ACPv+/+VB/ai+PsmbJ3jEHLnOjGoYatBPZPj8VdlrHyYGQrQIDAQAB"
)
RSA_2048_PRIVATE = """\
-----BEGIN PRIVATE KEY-----
MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQCizWVY+Z1N9tAv
y1kyEpMcoxsfIsqJnjjZ/tGM1za2MBmEFiBypkhreiKecgcbo2EJ32NKzdDV8wp2
AJttajRuDZlfZIuXIEK/f4EE379dUcZn4C2SnSlJQl1CH1onL/vjYoFKpB6SzjrT
YyoDdHFsSNpuOkyKEGT8l1yP20KUDXeJuL1mSjluDpZ6KzmpeUQoK3OdknM1UOAE
4xBPioSq9WPrmOspfMWVivZGf3RAReAI8SekiWUUedqlkZHm8OkrYL5Z8reWv8CQ
XeU/DJNO1DiDVEHprWAR40h7gAI+/7/5UH9qL4+yZsneMQcuc6Mahhq0E9k+PxV2
WsfJgZCtAgMBAAECggEADn5fr/ClBvxao26klbcenrWMpBR6WI8b+5haeoHsboLQ
urgnkl1oZB0e+OEo7dZ5PKJFGjNBjNKS01eRfseuPD/8sAfo/37RQnAtAcyTolC1
66iDFiLkuo9scwcMhSGZ+K/b19PNnv86MHiLFHyo3l2MCLUq/D2iZ/Rnuqzn+/sk
fzv7mRAcZ83vRTU+gU6VdBtcMBIHJYOTr8THbugYrDmVfzdZPgkyCSPuMztNuGyp
bQH4A1A7tYWSaGb/vUc2GyuwIzYRwKlOOreszfXgou9vRZK94ozdQmC/vhswKm2r
8sPYvZG9aK0u8D+NaoOxO/wPQlC6gDSUgymVM4CL1wKBgQDbpiN2QU+DNeYABjKt
hQ6BkXlLDPYyGSx3dL3ybxCa4lAn0rJ570d3Zxm0P7A4E8gF9+afLR8so9VfiXki
D8ZlCUxCD1G7pSkZ80TD+uBWY7hxNKSo11cjSuXHiFu7LFelDVvcgXoSfkSDK/I6
kUQJyOP2hb/knkV7kEavR99ZKwKBgQC9vtZJ+PYsAr7Rrj0jwbvgjFlh6kNwGazg
/XdEdV8OmreLLBpk+AXIlVXXghqCD0vyyKYZDO/Nhc0BHG26OMAkPsjZn0fDEa6R
jT2oEn8B7x7AypJmUKzQochA9iwZBNex8utKUz416ERA+Sw7bBrVjd0Or88xJ/Iy
xvzNlTEhhwKBgEGreGrAuA8YrD1RnRE3+NBQOB1yMKFl2V+Vrbyv7B0CkMh3PBks
qwdN8edsKzl44JK4PWFV0j48dWzs4ySF5uEKWJxfjCY4CQPTMboOZcguZFSkUp6Q
U2Mf33c6k4JwjXuxdMeGhoLE8aLuHqvYBqmOQGnSLz8g+tEon5mEOYilAoGAA6Ul
4rfoqsHGvqp1PDmdjVvE38+rSf0ESDI2V1dV4ybvvbm0LBpjqg3MX159eeAnWlum
bTbFaJJYdNwB86DheBDItP2NWF7/loY7F/56+COK2LNLirGkEEH7YdwYzsY8Cowb
HwtoV4rFvOXMhru17EJUa9LOzSfyTC1sb9qc3gMCgYBbIZOkZZFbJXVzTXKw/c34
29FCspKqk8deT/vegmJfxIbqkMjuonuGp4tzyMysR02DpiofvFKxIcD54+5Jy+9/
i+6TX+6YiFKP33iAwVR/rHHsgmsuMb4IvlZlq90easCvRXgSVOZyCUAyttoJfoQR
8H7S3RJ5HId7It+zjF1nZg==
-----END PRIVATE KEY-----
"""
RSA_2048_OTHER = (
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEArhc83sYyCJrEAoVsL3IWIFY9sYb0tgY6jOBrLcnr89spBD7+kK9MCc0b"
    "sRyirjA+jEs6Uhb6u6O/A4KrZ8avyarLi6I/S2ZYo5M8kqOnM2JYXm6N6FuXw9hiMwtL3v2PCejpja9oM/acPihKHstmrj3i2xMy"
    "bLmi90+MYfScPdP3gHkQ4+Z/296u7RvhzSksRoRpiEn1cXIZ8eksZly6vjg4IOVTJHSAX7yOFpg4YHV8qec7XWGsvWTo53fWO9zh"
    "A5sBDWCKzDude3mXlsIRiuIQUK91yyBIodlJU73y4HuD29oxVBEtodBpis54UHZ0OB6VRIqSIWETPEH3Sze3WQIDAQAB"
)
RSA_2048_PKCS1 = (
    "MIIBCgKCAQEAos1lWPmdTfbQL8tZMhKTHKMbHyLKiZ442f7RjNc2tjAZhBYgcqZIa3oinnIHG6NhCd9jSs3Q1fMKdgCbbWo0bg2Z"
    "X2SLlyBCv3+BBN+/XVHGZ+Atkp0pSUJdQh9aJy/742KBSqQeks4602MqA3RxbEjabjpMihBk/Jdcj9tClA13ibi9Zko5bg6Weis5"
    "qXlEKCtznZJzNVDgBOMQT4qEqvVj65jrKXzFlYr2Rn90QEXgCPEnpIllFHnapZGR5vDpK2C+WfK3lr/AkF3lPwyTTtQ4g1RB6a1g"
    "EeNIe4ACPv+/+VB/ai+PsmbJ3jEHLnOjGoYatBPZPj8VdlrHyYGQrQIDAQAB"
)
RSA_1024 = (
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQD4+CGlVcEUlsBJEJGVDqYpyVAHMjc7Y8a8F1e6gtH6HbYUKttuCY/NTHqn6E8U"
    "N+ZN3jiMPioq0yk20jTThkszygOzOUuzGIjhn3fFCFfA2FioAURAE8a9mID9A0jYbBcPgIHnsebBuBOAdO+vZ0a+OFrPDNfJcAGT"
    "shiZnx10kwIDAQAB"
)
RSA_1024_OTHER = (
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC1mrDNA78nNance8T3Loc32H8fO69cv5O/twyizY7fUtGOv/5y8ytOY45H9TfL"
    "/VH5lYmj6t1seFzjcbiMIlSTH/7TIIN4QEWH1tTowEucGGRdfESjCL/Mjj3O3bJ193wjMg+tgOph97fdIcSlPVuqZ2aT+k7rJZSG"
    "FnduaMLTuQIDAQAB"
)
RSA_4096 = (
    "MIICIjANBgkqhkiG9w0BAQEFAAOCAg8AMIICCgKCAgEArZpSl2eHH4M1KRUK2+Bvjhi7miyGGf02E0axA3+T0nTnVX+tPd1i/txC"
    "z48L/KvlQiXaepiqdlyRjxDZaJEgzXECqntmnTMyeffhIxEvR+bzG2+w2KCwiCPxhyNvl0KeQ+iP5NxvnUP3VrTmvCxFirrtMnq5"
    "1da71Jq72RhcZFjSDhspFjXvpWsZf0Bivh+iaVlyGwWrvye7zqGdHM00kc/iyp0EeaywNhO1Ik8pE+iXOJ7roVr7fg+rc/L7xyW+"
    "fYjEWuJRpu2aBQt3k0zbWaq6XB6dYo/LD+ov/qOi0QGeRImyERhnmv4Z5hNf6lf5Hx+NxPmdO3KW+82ilVlyZ68HUS8bd8lK4jp/"
    "XpeICeN7WkIRlJKt6qG79mgo5dBjDqiixuhySVUuDWJRvjuig0mk7/rNlV+GOozUv36BTpadGHtFqNN1ltgxV4HcpdWFeI0Zm20X"
    "0+IPi2DhW0wEgD9AZ5ND3XAmmSIY7NBjec9rQgJALcmsPDAMstSnsaeUcT//Vj3+LPwnZiPJkB9lYyzL0J/vROMfivkQ8mpLEOeM"
    "muBSidAgscUTXkbLvr984lmUWwqaFkn4ClqUVBaaUb3ml33CpayPDVHBgJayRu543eyfqv4pFnp+slre9PFUffqHmdQa0aBmX0Qi"
    "wDWQiSFcw6ap1SLrWMPzTzM2pHECAwEAAQ=="
)
RSA_512 = (
    "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAJpg/lLMW/65vb02YCjqe3mIL+7y6+57Yn70jKr7hqME2/D1gc1/ggWpTQ77B2u23AIT"
    "hMlGG0uE7QQ0EnOItCMCAwEAAQ=="
)
RSA_768 = (
    "MHwwDQYJKoZIhvcNAQEBBQADawAwaAJhAKpSbRgbek43V9f9HtRqaduERTbFHaOJhq88aOxZwJyMT3Rk1a37CuJJZwH3iSSitTVL"
    "IoLY6nXzyiMfKPLicFYv3CdIQThun7kh0P9ESJ/agrF+1IhAE4nZ38YcKO38YQIDAQAB"
)
RSA_8192 = (
    "MIIEIjANBgkqhkiG9w0BAQEFAAOCBA8AMIIECgKCBAEAsoHZWwF+AZfV6TPxWb0oHx4nFms6yXAHJKQ+1FseT2AuCc3VfBB0WX8T"
    "KMVa/H6fXPt2RezrP0nx863UAsPtB8sN7KcbpDCdVeBx3/BkAWCltTxxQH0cCGZTIhVO0uysWUseHtSgC58KYd9IXGjb5OEx6dxr"
    "NXtrEwt0ENFzqadMqmfvR4RblKP/7q6m4Vq+dMg7e2YOPo+/m2P1PG+X1XCShYlMF6ZUPzpKB2Zunj3quuLunFR7IQ79NWALvBam"
    "cMts80jb0QA5JNE7ZJ3aIXtTtwvFogd6QqDxE+ShlDeeKj4F7I3ej42cb+1mVZ3VpyjzgJoc5NzVjIgoricDS4amioV5Jt0FCGHi"
    "Flcc+wx8bnzQyzsbGQIOzBCQLfogXm3xfyWSoCw+kVSagV2/KSdUjZqvFhRGvfWNv36HFOf4DflPCPrQMYUVfZXVS3QvdfiHahgk"
    "atJO7tW37LsqiAPE8+BWMHQvtg2S7RxkOkdwgRfw7r+yjFbmpc2pGuFfc7tYc9j1yvOaycMnW4h+UavSmaUJOj51iea1TF0AOqr3"
    "I8E9BUI0y9pcfVk/bk0AcXXDXQ04BYCfIz1bt5Zt3h8qrxsyUcu0oBwAUekSM7s0WRhheP3/flZeok8IlLJ7055g1nG3I/jBF9a+"
    "RWY3VWvzOY5Z/264d7YQoC9qmcDCMaKwXLi7FTqsYvZOSEuADpxNR3YdWr6wCgioFMBWtx6nzwl8BATGrbHEq33iQ3caHU3Hs/rT"
    "RteGOX8Wbx0Va01Edy3xEmHzabb+H0n00j4mg2lDouaVZE7VXZk0IUK0BqCWliodpXCxrArXJyyX3Q2RI7Aobnnb+eal4hwAgrBA"
    "SuKIdenJ1Dgf8zoHlIhch+nEwrJpHhokszjRt0gs6KBnFiI79w7M21Yn9wFmklv0kpHv0Mk3m6+F+KoO/4aNj8CC6jIWnGNNbNmm"
    "+8rHsVajXkg3XvA7ZA2yLJDgEw/X8aNm3hGdIuln1ZFbiOdHoA5z773UTCz0GR3uc8lDP5KNncL/esQHI2HmO12woldCGkeVq3KE"
    "4YZhzX0ydW0CmKZfIdNuDbGNFuPwaKeKAhcuS7zGCxTffJlTdmA0mb6G65m46zg5zArIyQSCsLj+1YFVgR5MJGmgxlQCvC+l7vqZ"
    "oCAWy30bPFI3ZPaHqAbP1oyQPnnL/uu0GgYCSEGJnKokeZLPHf2QLKSLUpcTAmNbE934TL7m5DT8LWwOdh+kWfBirL1hTFglXazh"
    "7vfCM6aEY/o6lYCDDz9nCTp6V2M4YeNDVDEHFw2BHskKaDLpYO1ndzEEe1eSYqPSej4bfBMTPQtmWpIGInu1J6ArRGVbToWEFeOe"
    "5ir0x6zSMQIDAQAB"
)
RSA_2048_E3 = (
    "MIIBIDANBgkqhkiG9w0BAQEFAAOCAQ0AMIIBCAKCAQEAu03JMKtJcmQZkOICyQbkYNj51HhWhClGJoWTbMECAeniIvq8mXGCYAP1"
    "4PgiG74j+3qblWryoJK6apNrvTWMeC2h+8Qu7ahw/btehqJcR/AqwaeHWZlPC+zK3rGelLFgvnwHOjPbf2OXhYkaD6D1XJxFEV3J"
    "ntwAv+R8zwiUNkB7ZsoZJ5U/siGCu1J+eTq8pZAxj9jesQmaK930BoQko2zyq/fSEkwD1YWMBbWcYJpn/atTNcovVXIfXbO8M7dx"
    "A5rneCbpm1SXcZH9B+9gjnsuKABWibbvY81UVR1elSs1DZ385FdIwQ7I8fQXSWIGZ3k9IPSSnN/reZjrvxEWzQIBAw=="
)
ED25519 = "oGR6hDwwXe9UFW6J0+MfvbPlUni13maKC4IItuxhQIM="
ED25519_PRIVATE = """\
-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIBe+9+BC10H90IO/wwcMFhWqDWlHfqaeNwlYYO7zuXzK
-----END PRIVATE KEY-----
"""
ED25519_SPKI = "MCowBQYDK2VwAyEAoGR6hDwwXe9UFW6J0+MfvbPlUni13maKC4IItuxhQIM="
EC_P256 = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEJYa0iWWHD+m2OjRSwOrxyxsDZTA/+vajT9eV7Pt9TCgZ8y6Q6nNVxYqeoXbktaRC"
    "EwohjQmxoV+2LDCMJ6auOA=="
)


def der_length(size):
    return bytes([size]) if size < 128 else bytes([0x82, size >> 8, size & 255]) if size > 255 else bytes([0x81, size])


def der(tag, octets):
    return bytes([tag]) + der_length(len(octets)) + octets


def der_integer(number):
    return der(2, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def rsa(modulus, exponent=65537):
    """p= of an RSA key with these numbers (RFC 8017 A.1.1 in a SubjectPublicKeyInfo)."""
    import base64
    inner = der(0x30, der_integer(modulus) + der_integer(exponent))
    algorithm = der(0x30, bytes.fromhex("06092a864886f70d0101010500"))
    return base64.b64encode(der(0x30, algorithm + der(3, b"\0" + inner))).decode()


def modulus_of(key):
    """The number in p= of an RSA key of 2048 bits."""
    import base64
    return int.from_bytes(base64.b64decode(key)[33:289], "big")
