using System.Collections;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Broker.CommandLine.Settings;
using Broker.Contracts;
using Broker.Tests.Support;

namespace Broker.Tests.Unit.Configuration;

public sealed class When_settings_are_loaded
{
    [Fact]
    public void Without_settings_the_defaults_apply()
    {
        var settings = BrokerSettings.Load(new Hashtable());
        Assert.Equal(("amqp://guest:guest@localhost:5672/", "info", "plain"), (settings.Url, settings.Logging.Level, settings.Logging.Format));
    }

    [Fact]
    public void The_address_is_read_from_BROKER_URL() => Assert.Equal("amqp://one/", Load(("BROKER_URL", "amqp://one/")).Url);

    [Fact]
    public void Sections_are_separated_by_two_underscores()
    {
        var settings = Load(("BROKER__LOGGING__LEVEL", "debug"), ("BROKER__LOGGING__FILEBYTES", "1000"), ("BROKER__LOGGING__DIRECTORY", "/var/log"));
        Assert.Equal(("debug", 1000, "/var/log"), (settings.Logging.Level, settings.Logging.FileBytes, settings.Logging.Directory));
    }

    [Fact]
    public void A_secret_is_read_from_a_file_without_the_trailing_newline()
    {
        using var folder = new TestFolder();
        Assert.Equal("amqp://me:pw@one/", Load(("BROKER_URL_FILE", folder.Write("url", "amqp://me:pw@one/\n"))).Url);
        Assert.Equal("error", Load(("BROKER__LOGGING__LEVEL_FILE", folder.Write("level", "error\n"))).Logging.Level);
    }

    [Fact]
    public void A_variable_counts_before_the_file_of_its_name()
    {
        using var folder = new TestFolder();
        var file = folder.Write("url", "amqp://file/");
        Assert.Equal("amqp://one/", Load(("BROKER_URL", "amqp://one/"), ("BROKER_URL_FILE", file)).Url);
        Assert.Equal("amqp://one/", Load(("BROKER_URL_FILE", file), ("BROKER_URL", "amqp://one/")).Url);
    }

    [Fact]
    public void A_child_inherits_the_file_and_has_the_address_of_its_supervisor()
    {
        using var folder = new TestFolder();
        var file = folder.Write("url", "amqp://file/");
        var supervisor = Load(("BROKER_URL_FILE", file));
        supervisor.Url = "amqp://option/";
        Assert.Equal("amqp://option/", Load([("BROKER_URL_FILE", file), .. supervisor.ToEnvironment().Select(variable => (variable.Key, variable.Value))]).Url);
    }

    [Fact]
    public void The_authorities_are_a_file_or_its_text()
    {
        using var folder = new TestFolder();
        Assert.Equal("/etc/ca.pem", Load(("BROKER_CA", "/etc/ca.pem")).Ca);
        Assert.Equal("-----BEGIN", Load(("BROKER_CA_FILE", folder.Write("ca", "-----BEGIN\n"))).Ca);
        var error = Assert.Throws<InvalidConfigurationException>(() => Load(("BROKER_URL", "amqps://one/"), ("BROKER_CA", "/no/such/file")).Address);
        Assert.StartsWith("BROKER_CA or --broker-ca is no PEM file", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_of_ours_has_its_key_in_a_file_of_its_own_or_beside_it()
    {
        using var authority = new TestAuthority();
        using var certificate = authority.Issue("127.0.0.1");
        var (cert, key) = (certificate.ExportCertificatePem(), certificate.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem());
        using var folder = new TestFolder();
        Assert.Contains("CN=rabbit", Load(("BROKER_CERT", folder.Write("cert", cert)), ("BROKER_KEY", folder.Write("key", key))).Address.Certificate, StringComparison.Ordinal);
        Assert.Contains("CN=rabbit", Load(("BROKER_CERT_FILE", folder.Write("both", $"{cert}\n{key}"))).Address.Certificate, StringComparison.Ordinal);
        using var other = authority.Issue("127.0.0.1");
        Says("BROKER_CERT or --broker-cert and BROKER_KEY or --broker-key cannot be used together: does the key belong", ("BROKER_CERT", cert), ("BROKER_KEY", other.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem()));
        Says("BROKER_CERT or --broker-cert is no PEM file that can be read", ("BROKER_CERT", "/no/such/file"), ("BROKER_KEY", key));
        Says("BROKER_KEY or --broker-key is no PEM file that can be read", ("BROKER_CERT", cert), ("BROKER_KEY", "/no/such/file"));
        Says("BROKER_CERT or --broker-cert holds no private key", ("BROKER_CERT", cert));
        Says("BROKER_CERT or --broker-cert holds no certificate", ("BROKER_CERT", key));
        Says("BROKER_KEY or --broker-key holds a key that is encrypted", ("BROKER_CERT", cert), ("BROKER_KEY", certificate.GetRSAPrivateKey()!.ExportEncryptedPkcs8PrivateKeyPem("secret", new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000))));
        Says("BROKER_KEY or --broker-key is set without", ("BROKER_KEY", key));

        static void Says(string reason, params (string, string)[] variables)
        {
            var error = Assert.Throws<InvalidConfigurationException>(() => Load(variables).Address);
            Assert.StartsWith(reason, error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("-----BEGIN PRIVATE KEY-----\n", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_unreadable_file_is_named()
    {
        var error = Assert.Throws<InvalidConfigurationException>(() => Load(("BROKER_URL_FILE", "/no/such/file")));
        Assert.StartsWith("BROKER_URL_FILE names the file /no/such/file, which cannot be read", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unrelated_and_empty_variables_are_ignored()
    {
        var settings = Load(("URL", "amqp://other/"), ("MYBROKER_URL", "amqp://other/"), ("BROKER_URL", ""), ("BROKER_TEST_URL", "amqp://other/"));
        Assert.Equal("amqp://guest:guest@localhost:5672/", settings.Url);
    }

    [Fact]
    public void A_value_of_the_wrong_type_is_an_error()
    {
        var error = Assert.Throws<InvalidConfigurationException>(() => Load(("BROKER__LOGGING__FILEBYTES", "many")));
        Assert.Contains("FileBytes", error.Message, StringComparison.OrdinalIgnoreCase);
    }

    private static BrokerSettings Load(params (string Name, string Value)[] variables)
    {
        var environment = new Hashtable();
        foreach (var (name, value) in variables)
            environment[name] = value;
        return BrokerSettings.Load(environment);
    }
}
