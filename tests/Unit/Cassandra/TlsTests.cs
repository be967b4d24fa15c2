using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cassandra;
using Cassandra.Protocol;
using QueryOptions = Cassandra.Protocol.QueryOptions;

namespace StreamPlatform.Tests.Unit.Cassandra;

public sealed class TlsTests
{
    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_refused()
    {
        using X509Certificate2 certificate = Make(IPAddress.Loopback);
        ConnectionClosedException refused = await Assert.ThrowsAsync<ConnectionClosedException>(() => AskAsync(certificate, new SslClientAuthenticationOptions()));
        Assert.IsType<System.Security.Authentication.AuthenticationException>(refused.InnerException);
    }

    [Fact]
    public async Task A_trusted_certificate_of_that_address_is_accepted_and_of_another_refused()
    {
        using X509Certificate2 right = Make(IPAddress.Loopback);
        await AskAsync(right, Trusting(right));
        using X509Certificate2 wrong = Make(IPAddress.Parse("192.0.2.1"));
        await Assert.ThrowsAsync<ConnectionClosedException>(() => AskAsync(wrong, Trusting(wrong)));
    }

    private static SslClientAuthenticationOptions Trusting(X509Certificate2 certificate)
    {
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificate(certificate.RawData));
        return new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
    }

    private static async Task AskAsync(X509Certificate2 certificate, SslClientAuthenticationOptions tls)
    {
        await using ScriptedServer server = new((header, _) => ScriptedServer.Void(header.Stream), certificate: certificate);
        await using IConnection connection = await ConnectionTests.OpenAsync(server, new ConnectionOptions { Tls = tls });
        Assert.IsType<VoidResult>(await connection.SendAsync(
            new QueryRequest("SELECT", new QueryOptions(ConsistencyLevel.One, [])), TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
    }

    private static X509Certificate2 Make(IPAddress address)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=a node", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(address);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, true));
        using X509Certificate2 made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
