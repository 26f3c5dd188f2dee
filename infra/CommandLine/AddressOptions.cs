using System.CommandLine;
using Broker.CommandLine.Settings;

namespace Broker.CommandLine;

/// <summary>The options that say where the broker is, and what its certificate and ours are.</summary>
public sealed class AddressOptions
{
    private readonly Option<string?> _broker = new("--broker") { Description = "The address of RabbitMQ [default: $BROKER_URL]", HelpName = "URL" };

    private readonly Option<string?> _ca = new("--broker-ca") { Description = "With amqps: a PEM file with the only authorities to trust [default: $BROKER_CA]", HelpName = "FILE" };

    private readonly Option<string?> _cert = new("--broker-cert") { Description = "With amqps: a PEM file with our own certificate [default: $BROKER_CERT]", HelpName = "FILE" };

    private readonly Option<string?> _key = new("--broker-key") { Description = "A PEM file with its key [default: $BROKER_KEY, or in --broker-cert]", HelpName = "FILE" };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        ArgumentNullException.ThrowIfNull(command);
        foreach (var option in new[] { _broker, _ca, _cert, _key })
            command.Options.Add(option);
    }

    /// <summary>Puts what the command line says over the settings.</summary>
    public void Apply(ParseResult parsed, BrokerSettings settings)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        ArgumentNullException.ThrowIfNull(settings);
        settings.Url = parsed.GetValue(_broker) ?? settings.Url;
        settings.Ca = parsed.GetValue(_ca) ?? settings.Ca;
        settings.Cert = parsed.GetValue(_cert) ?? settings.Cert;
        settings.Key = parsed.GetValue(_key) ?? settings.Key;
    }
}
