using System.Collections;
using Broker.CommandLine.Settings;
using Broker.Contracts;
using Broker.Logging;
using Broker.Logging.Events;
using Broker.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Broker.Tests.Unit.Logging.Elasticsearch;

public sealed class When_the_sink_is_configured : IAsyncLifetime
{
    private readonly TestFolder _folder = new();
    private FakeElasticsearch _server = null!;

    public async ValueTask InitializeAsync() => _server = await FakeElasticsearch.StartAsync();

    [Fact]
    public void The_address_alone_enables_the_sink()
    {
        Log(("ELASTICSEARCH_URL", _server.Url));

        Assert.Equal("logs-broker.test-default", Assert.Single(_server.Documents).Key.Index);
    }

    [Fact]
    public void The_Serilog_section_enables_the_sink()
    {
        Log(
            ("SERILOG__WRITETO__0__NAME", "Elasticsearch"),
            ("SERILOG__WRITETO__0__ARGS__nodeUris", _server.Url),
            ("SERILOG__WRITETO__0__ARGS__indexFormat", "app-{0:yyyy}"),
            ("SERILOG__WRITETO__0__ARGS__batchPostingLimit", "10"),
            ("SERILOG__WRITETO__0__ARGS__connectionGlobalHeaders", "X-Tenant=blue;X-Other=green"),
            ("SERILOG__WRITETO__0__ARGS__autoRegisterTemplate", "false"));

        Assert.StartsWith("app-2", Assert.Single(_server.Documents).Key.Index, StringComparison.Ordinal);
        Assert.Empty(_server.Templates);
        Assert.Equal(("blue", "green"), (_server.Requests[0].Headers["X-Tenant"], _server.Requests[0].Headers["X-Other"]));
    }

    [Fact]
    public void Address_and_key_of_the_environment_replace_those_of_the_section()
    {
        Log(
            ("SERILOG__WRITETO__0__NAME", "Elasticsearch"),
            ("SERILOG__WRITETO__0__ARGS__nodeUris", "http://me:pw@nowhere.invalid:9200"),
            ("SERILOG__WRITETO__0__ARGS__indexFormat", "app"),
            ("ELASTICSEARCH_URL", _server.Url),
            ("ELASTICSEARCH_API_KEY_FILE", _folder.Write("key", "abc==\n")));

        Assert.Equal("app", Assert.Single(_server.Documents).Key.Index);
        Assert.Equal("ApiKey abc==", _server.Requests[0].Headers["Authorization"]);
    }

    [Fact]
    public void User_and_password_may_be_separate_variables()
    {
        Log(("ELASTICSEARCH_URL", _server.Url), ("ELASTICSEARCH_USERNAME", "me"), ("ELASTICSEARCH_PASSWORD", "p@ss"));

        Assert.Equal("Basic bWU6cEBzcw==", _server.Requests[0].Headers["Authorization"]);
    }

    [Theory]
    [InlineData("nodeUri")]
    [InlineData("typeName")]
    public void An_unknown_argument_is_named(string name)
    {
        var error = Assert.Throws<InvalidConfigurationException>(() => Load(
            ("SERILOG__WRITETO__0__NAME", "Elasticsearch"), ("SERILOG__WRITETO__0__ARGS__nodeUris", "http://localhost:9200"), ($"SERILOG__WRITETO__0__ARGS__{name}", "x")));

        Assert.Contains($"has no argument {name} (it has nodeUris, indexFormat, ", error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Arguments_are_not_validated_if_the_package_is_used() => Load(
        ("SERILOG__USING__0", "Serilog.Sinks.Elasticsearch"), ("SERILOG__WRITETO__0__NAME", "Elasticsearch"), ("SERILOG__WRITETO__0__ARGS__nodeUris", "http://localhost:9200"), ("SERILOG__WRITETO__0__ARGS__typeName", "x"));

    [Theory]
    [InlineData("batchPostingLimit", "5000", "batchPostingLimit is 1 to 1000, not 5000")]
    [InlineData("batchAction", "Index", "batchAction is Create, not Index")]
    [InlineData("queueSizeLimit", "1", "queueSizeLimit is 100 to 10000000, not 1")]
    [InlineData("indexFormat", "app-{1}", "indexFormat is a name such as")]
    [InlineData("connectionGlobalHeaders", "nonsense", "connectionGlobalHeaders is a list such as")]
    public void An_invalid_argument_is_named(string name, string value, string rule)
    {
        var error = Assert.ThrowsAny<Exception>(() => Log(
            ("SERILOG__WRITETO__0__NAME", "Elasticsearch"), ("SERILOG__WRITETO__0__ARGS__nodeUris", _server.Url), ($"SERILOG__WRITETO__0__ARGS__{name}", value)));

        Assert.IsType<InvalidConfigurationException>(error);
        Assert.StartsWith(rule, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost:9200")]
    [InlineData("ftp://me:secret@localhost")]
    [InlineData(";")]
    public void An_invalid_address_is_an_error_without_the_password(string url)
    {
        var error = Assert.Throws<InvalidConfigurationException>(() => Load(("ELASTICSEARCH_URL", url)));

        Assert.StartsWith("ELASTICSEARCH_URL ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ELASTICSEARCH_FINGERPRINT", "abc", "ELASTICSEARCH_FINGERPRINT is a certificate's SHA-256")]
    [InlineData("ELASTICSEARCH_CA", "/no/such/file.pem", "ELASTICSEARCH_CA names the file /no/such/file.pem")]
    public void An_invalid_certificate_setting_is_an_error(string name, string value, string rule)
    {
        var error = Assert.Throws<InvalidConfigurationException>(() => Log(("ELASTICSEARCH_URL", "https://localhost:9200"), (name, value)));

        Assert.StartsWith(rule, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Log_files_are_also_written_only_if_a_directory_is_set()
    {
        Log(("ELASTICSEARCH_URL", _server.Url));
        Assert.Empty(Directory.GetFiles(_folder.Path, "*.ndjson", SearchOption.AllDirectories));
        Log(("ELASTICSEARCH_URL", _server.Url), ("BROKER__LOGGING__DIRECTORY", Path.Combine(_folder.Path, "files")));
        Assert.Single(Directory.GetFiles(_folder.Path, "*.ndjson", SearchOption.AllDirectories));
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    private static BrokerSettings Load(params (string Name, string Value)[] environment)
    {
        var variables = new Hashtable();
        foreach (var (name, value) in environment)
            variables[name] = value;
        return BrokerSettings.Load(variables);
    }

    private void Log(params (string Name, string Value)[] environment)
    {
        var settings = Load([.. environment, ("BROKER__LOGGING__SPOOL", Path.Combine(_folder.Path, "spool")), ("BROKER__LOGGING__LEVEL", "error")]);
        using var log = ProcessLog.Open(settings.Logging, ProcessFields.OfThisProcess("broker-test"), colour: false);
        log.Factory.CreateLogger("Test").LogError("written by a test of the configuration");
    }
}
