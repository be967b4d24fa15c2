using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cassandra;

namespace StreamPlatform.Tests.Conformance.Cassandra;

/// <summary>
/// A node that speaks TLS only, asks each client for a certificate and for a password (user and password "cassandra"). Its key is made by the JDK's keytool, as an operator
/// would make it; both certificates end with the fixture.
/// </summary>
public sealed class CassandraWithTlsFixture() : CassandraFixture(authenticated: true)
{
    private const string StorePassword = "cassandra";

    /// <summary>The node's certificate: self-signed, for 127.0.0.1.</summary>
    public X509Certificate2 Node { get; private set; } = null!;

    /// <summary>The one certificate of a client that the node trusts, with its key.</summary>
    public X509Certificate2 Client { get; private set; } = null!;

    /// <summary>Trusts the node's certificate as an authority's and checks the name as always; shows these certificates when asked.</summary>
    public SSLOptions Trusting(params X509Certificate2[] shown) =>
        new SSLOptions(SslProtocols.None, false, (_, presented, _, errors) => presented is X509Certificate2 certificate && Vouches(certificate, errors))
            .SetCertificateCollection(new X509CertificateCollection(shown));

    protected override async Task<string> PrepareAsync(string folder)
    {
        string keys = Path.Combine(folder, "node.p12"), trusted = Path.Combine(folder, "trusted.p12");
        await KeytoolAsync("-genkeypair", "-alias", "node", "-keyalg", "EC", "-groupname", "secp256r1", "-dname", "CN=a node", "-ext", "san=ip:127.0.0.1", "-validity", "2", "-keystore", keys);
        string exported = Path.Combine(folder, "node.der"), imported = Path.Combine(folder, "client.der");
        await KeytoolAsync("-exportcert", "-alias", "node", "-keystore", keys, "-file", exported);
        Node = X509CertificateLoader.LoadCertificateFromFile(exported);
        Client = MakeClient();
        await File.WriteAllBytesAsync(imported, Client.RawData);
        await KeytoolAsync("-importcert", "-noprompt", "-alias", "client", "-file", imported, "-keystore", trusted);
        return string.Join(' ', new[]
        {
            "enabled=true", "optional=false", "require_client_auth=true", "store_type=PKCS12",
            $"keystore={keys}", $"keystore_password={StorePassword}", $"truststore={trusted}", $"truststore_password={StorePassword}",
        }.Select(setting => $"-Dcassandra.settings.client_encryption_options.{setting}"));
    }

    /// <summary>A certificate for this machine's address that nobody vouches for.</summary>
    public static X509Certificate2 MakeClient()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=a client", key, HashAlgorithmName.SHA256);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 bare = request.CreateSelfSigned(now.AddMinutes(-5), now.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(bare.Export(X509ContentType.Pkcs12), null);
    }

    private bool Vouches(X509Certificate2 presented, SslPolicyErrors errors)
    {
        using X509Chain chain = new() { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck } };
        chain.ChainPolicy.CustomTrustStore.Add(Node);
        return (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) == SslPolicyErrors.None && chain.Build(presented);
    }

    private static async Task KeytoolAsync(params string[] arguments)
    {
        ProcessStartInfo start = new("keytool", [.. arguments, "-storetype", "PKCS12", "-storepass", StorePassword]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"keytool {arguments[0]} failed: {await output}{await errors}");
        }
    }
}
