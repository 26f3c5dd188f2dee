using System.Globalization;
using Serilog.Events;
using Serilog.Parsing;

namespace Broker.Logging.Events;

/// <summary>An event's message as a sentence: texts without the quotation marks that Serilog puts around them.</summary>
internal static class MessageText
{
    public static string Of(LogEvent logEvent)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        foreach (var token in logEvent.MessageTemplate.Tokens)
        {
            if (token is PropertyToken { PropertyName: var name } && logEvent.Properties.TryGetValue(name, out var value) && value is ScalarValue { Value: string words })
                text.Write(words);
            else
                token.Render(logEvent.Properties, text, CultureInfo.InvariantCulture);
        }

        return text.ToString();
    }
}
