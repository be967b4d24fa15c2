using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Cassandra;

/// <summary>TLS. By default the server's certificate has to be trusted by the machine and to carry the name that was connected to.</summary>
public sealed class SSLOptions
{
    /// <summary>TLS as the operating system prefers it, certificates checked.</summary>
    public SSLOptions() : this(SslProtocols.None, false, null)
    {
    }

    /// <summary>With other protocols or another check of the certificate.</summary>
    /// <param name="sslProtocol">None leaves the choice to the operating system.</param>
    /// <param name="checkCertificateRevocation">Whether revocation lists are asked.</param>
    /// <param name="remoteCertValidationCallback">Decides instead of the default check; null keeps it.</param>
    public SSLOptions(SslProtocols sslProtocol, bool checkCertificateRevocation, RemoteCertificateValidationCallback? remoteCertValidationCallback)
    {
        SslProtocol = sslProtocol;
        CheckCertificateRevocation = checkCertificateRevocation;
        RemoteCertValidationCallback = remoteCertValidationCallback;
    }

    /// <summary>None leaves the choice to the operating system.</summary>
    public SslProtocols SslProtocol { get; }

    /// <summary>Whether revocation lists are asked.</summary>
    public bool CheckCertificateRevocation { get; private set; }

    /// <summary>Null: the default check.</summary>
    public RemoteCertificateValidationCallback? RemoteCertValidationCallback { get; private set; }

    /// <summary>The client's certificates, where the server asks for one.</summary>
    public X509CertificateCollection? CertificateCollection { get; private set; }

    /// <summary>The name that the certificate of the node at an address has to carry; null takes the address itself (the official driver: its reverse DNS name).</summary>
    public Func<IPAddress, string>? HostNameResolver { get; private set; }

    /// <summary>See <see cref="CertificateCollection"/>.</summary>
    public SSLOptions SetCertificateCollection(X509CertificateCollection certificates)
    {
        CertificateCollection = certificates;
        return this;
    }

    /// <summary>See <see cref="CheckCertificateRevocation"/>.</summary>
    public SSLOptions SetCertificateRevocationCheck(bool flag)
    {
        CheckCertificateRevocation = flag;
        return this;
    }

    /// <summary>See <see cref="RemoteCertValidationCallback"/>.</summary>
    public SSLOptions SetRemoteCertValidationCallback(RemoteCertificateValidationCallback? callback)
    {
        RemoteCertValidationCallback = callback;
        return this;
    }

    /// <summary>See <see cref="HostNameResolver"/>.</summary>
    public SSLOptions SetHostNameResolver(Func<IPAddress, string>? hostNameResolver)
    {
        HostNameResolver = hostNameResolver;
        return this;
    }
}
